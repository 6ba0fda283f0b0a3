import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Carries what one gateway signs for another. Visitors' own is never passed on. */
export const REGION_HEADER = 'x-millrace-region'
/** Where gateways ask each other; for everybody else it is a path like any other. */
export const REGION_PATH = '/.well-known/millrace/region'
/** Longer ones are no signature of ours. */
const MAX_HEADER = 2_048
const VERSION = '1'

/** What a signature is for: one made for the first is none for the second. */
type Purpose = 'health' | 'answer' | 'hop'

export type Fields = Readonly<Record<string, string>>

const canonical = (purpose: Purpose, fields: Fields): string =>
  [
    'millrace-region',
    purpose,
    ...Object.keys(fields)
      .sort()
      .map((key) => `${key}=${encodeURIComponent(fields[key]!)}`),
  ].join('\n')

const digest = (secret: string, purpose: Purpose, fields: Fields): Buffer =>
  createHmac('sha256', secret).update(canonical(purpose, fields)).digest()

/** What stands for a body in a signature. */
export const bodyDigest = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** The header's value: every field, and an HMAC-SHA256 over all of them (RFC 2104). */
export function sign(secret: string, purpose: Purpose, fields: Fields): string {
  const all = { ...fields, v: VERSION }
  const text = Object.entries(all).map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
  return [...text, `s=${digest(secret, purpose, all).toString('base64url')}`].join(';')
}

/** The fields, when the signature is one that was made with the secret for this purpose; compared in constant time. */
export function verify(secret: string, purpose: Purpose, value: string): Fields | undefined {
  if (value.length > MAX_HEADER) return undefined
  const fields: Record<string, string> = Object.create(null) as Record<string, string>
  for (const part of value.split(';')) {
    const at = part.indexOf('=')
    const key = part.slice(0, at)
    if (at < 1 || key in fields) return undefined
    try {
      fields[key] = decodeURIComponent(part.slice(at + 1))
    } catch {
      return undefined
    }
  }
  const { s, ...signed } = fields
  if (s === undefined || signed.v !== VERSION) return undefined
  const given = Buffer.from(s, 'base64url')
  const expected = digest(secret, purpose, signed)
  return given.length === expected.length && timingSafeEqual(given, expected) ? signed : undefined
}

/** Why what was signed is not believed, in words: not of a peer, or not of now. Undefined: it is. */
export function checkSigned(
  { from, t }: Fields,
  expected: { peers: readonly string[]; now: number; maxClockSkewMs: number },
): string | undefined {
  if (from === undefined || !expected.peers.includes(from)) return `'${from}' is no peer of this region`
  const skew = Number(t) - expected.now
  if (!(Math.abs(skew) <= expected.maxClockSkewMs))
    return `its time is ${Math.round(skew / 1_000)} s away from the one here`
  return undefined
}
