import type { Split } from '../drivers/driver.ts'

/** A name that needs no escaping in a Cookie header or in a pattern (RFC 6265, 4.1.1, and less). */
export const isCookieName = (name: string): boolean => /^[\w-]{1,64}$/.test(name)

/** What carries a visitor's place in a split; undefined: nothing does. */
export const splitCookie = ({ name, kind, cookie }: Split): string | undefined =>
  cookie ?? (kind === 'ab' ? `millrace_ab_${name}` : undefined)

/** The value of the first cookie of that name. */
export const cookieValue = (header: string | undefined, name: string): string | undefined =>
  cookieValues(header, name, 1)[0]

/** The values of the first `most` cookies of that name: whoever has a neighbouring name may set one of the same (RFC 6265, 8.6). */
export function cookieValues(header: string | undefined, name: string, most: number): string[] {
  const values: string[] = []
  if (header === undefined) return values
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at <= 0 || pair.slice(0, at).trim() !== name) continue
    values.push(pair.slice(at + 1).trim())
    if (values.length === most) break
  }
  return values
}

/**
 * Takes the gateway's own cookies out of raw request headers, in place: backends have no use for them, and a cache would
 * take a visitor for a known one because of them.
 */
export function removeCookies(raw: string[], names: ReadonlySet<string>): void {
  for (let i = raw.length - 2; i >= 0; i -= 2) {
    if (raw[i]!.toLowerCase() !== 'cookie') continue
    const pairs = raw[i + 1]!.split(';')
    const kept = pairs.filter((pair) => !names.has(pair.split('=', 1)[0]!.trim()))
    if (kept.length === pairs.length) continue
    if (kept.length === 0) raw.splice(i, 2)
    else raw[i + 1] = kept.join(';').trim()
  }
}
