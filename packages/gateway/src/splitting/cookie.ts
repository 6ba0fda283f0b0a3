/** A name that needs no escaping in a Cookie header or in a pattern (RFC 6265, 4.1.1, and less). */
export const isCookieName = (name: string): boolean => /^[\w-]{1,64}$/.test(name)

/** The value of the first cookie of that name. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

/**
 * Takes a cookie of the gateway's own out of raw request headers, in place: the backend has no use for it, and a cache would
 * take a visitor for a known one because of it.
 */
export function removeCookie(raw: string[], name: string): void {
  for (let i = raw.length - 2; i >= 0; i -= 2) {
    if (raw[i]!.toLowerCase() !== 'cookie') continue
    const kept = raw[i + 1]!.split(';').filter((pair) => pair.split('=', 1)[0]!.trim() !== name)
    if (kept.length === 0) raw.splice(i, 2)
    else raw[i + 1] = kept.join(';').trim()
  }
}
