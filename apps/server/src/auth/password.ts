import { randomBytes, randomInt, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { serverErrors } from '../errors.ts'
import { createGate } from './gate.ts'

/**
 * scrypt with OWASP's parameters (Password Storage Cheat Sheet: N=2^15, r=8, p=3, equal in strength to N=2^17, p=1 at
 * a quarter of the memory: 32 MiB). About 150 ms on the thread pool, so the event loop stays free.
 */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const
const KEY_BYTES = 32
const SALT_BYTES = 16
/** Hashing at one time; each holds 32 MiB and a thread that file access needs too. */
const CONCURRENT = 2
/** Waiting beyond that are refused: somebody is trying to keep us busy. */
const MAX_WAITING = 32

const gate = createGate({
  concurrent: CONCURRENT,
  maxWaiting: MAX_WAITING,
  refused: () => serverErrors.BUSY({ what: 'Too many passwords are being checked', retryAfterSeconds: 5 }),
})

const derive = (password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // The same word typed on two keyboards may arrive composed or decomposed.
    scrypt(
      password.normalize('NFC'),
      salt,
      KEY_BYTES,
      { ...cost, maxmem: 256 * 1024 * 1024 },
      (error, key) => (error === null ? resolve(key) : reject(error)),
    )
  })

/** `scrypt$N$r$p$salt$key`, so that the parameters can be raised without losing anybody. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const key = await gate.run(() => derive(password, salt, COST))
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$')
}

/** Constant-time. A stored value that is not in our format never matches. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [scheme, N, r, p, salt, key] = stored.split('$')
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) return false
  const expected = Buffer.from(key, 'base64url')
  const actual = await gate.run(() =>
    derive(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) }),
  )
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

// Letters and digits that nobody confuses when typing them from a terminal.
const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** 20 characters, 116 bits. */
export const generatePassword = (): string =>
  Array.from({ length: 20 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
