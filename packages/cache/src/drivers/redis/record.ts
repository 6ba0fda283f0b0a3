import type { SharedRecord, Version } from '../driver.ts'

/** Of the version at the start of every record. */
export const VERSION_DIGITS = 16

/**
 * A version as Redis returns it: a score, or the text of a script.
 * @throws Error for anything else, which only something that is not our Redis returns
 */
export function parseVersion(reply: unknown): Version {
  const version = typeof reply === 'string' ? Number(reply) : Number.NaN
  if (Number.isSafeInteger(version) && version >= 0) return version
  throw new Error('it answers what nobody asked')
}

/** Decimal, because Lua has to compare it; 16 digits hold microseconds until the year 2286. */
export const versionDigits = (version: Version): string => String(version).padStart(VERSION_DIGITS, '0')

export const encodeRecord = ({ version, payload }: SharedRecord): Buffer =>
  Buffer.concat([Buffer.from(versionDigits(version), 'latin1'), payload])

/** Undefined for nothing, for a tombstone, which is a version alone, and for what is no record of ours. */
export function decodeRecord(stored: Buffer | null): SharedRecord | undefined {
  if (stored === null || stored.length <= VERSION_DIGITS) return undefined
  let version = 0
  for (let i = 0; i < VERSION_DIGITS; i++) {
    const digit = stored[i]! - ZERO
    if (digit < 0 || digit > 9) return undefined
    version = version * 10 + digit
  }
  return { version, payload: stored.subarray(VERSION_DIGITS) }
}

/** The character. */
const ZERO = 48

/** Ten years: what lives on for ever in a cache is a leak, and PX has a limit. */
const MAX_TTL_MS = 315_360_000_000

/** As PX takes it. */
export const wholeTtl = (ttlMs: number): number => Math.max(1, Math.min(MAX_TTL_MS, Math.ceil(ttlMs)))
