import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 random bits. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/**
 * What is stored of a secret. A plain hash is enough because these secrets are random, unlike passwords; the purpose
 * keeps a stored hash of one kind from being of any use as another.
 */
export const digest = (purpose: 'session' | 'csrf' | 'token' | 'compare', secret: string): Buffer =>
  createHash('sha256').update(`millrace:${purpose}:${secret}`).digest()

/** Compares without telling by its duration how much matched, nor how long the expected value is. */
export const sameSecret = (given: string, expected: string): boolean =>
  timingSafeEqual(digest('compare', given), digest('compare', expected))
