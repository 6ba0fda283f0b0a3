import { field, type Fields } from './fields.ts'

/** Methods that change nothing (RFC 9110, section 9.2.1); a response to any other may make stored ones stale. */
export const isSafe = (method: string): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE'

/**
 * Addresses that a response to an unsafe method makes stale (RFC 9111, section 4.4): its target and, on the same origin
 * only, `Location` and `Content-Location`. None when it failed.
 */
export function invalidatedBy(url: URL, status: number, fields: Fields): URL[] {
  if (status < 200 || status > 399) return []
  const addresses = [url]
  for (const name of ['location', 'content-location']) {
    const text = field(fields, name)
    const address = text === undefined ? null : URL.parse(text, url.href)
    if (address !== null && address.origin === url.origin && address.href !== url.href)
      addresses.push(address)
  }
  return addresses
}
