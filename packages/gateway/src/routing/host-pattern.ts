import { isIP } from 'node:net'

/** A longer name is none (RFC 1035, 2.3.4). */
const MAX_NAME = 253

const NAME =
  /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i
const IPV6 = /^\[[\da-f:.]+\]$/i

/** Whether a route may be for it: a name, `*.` and a name, or an address. No port. */
export const isHostPattern = (host: string): boolean =>
  host.length <= MAX_NAME && (NAME.test(host) || IPV6.test(host))

/** Whether a backend may be there: an address, without a zone, or a name. Whatever else would be no URL, or another one's. */
export function isBackendHost(host: string): boolean {
  const version = isIP(host)
  if (version === 6) return !host.includes('%')
  return (
    version === 4 ||
    (isHostPattern(host.replace(/\.$/, '')) && URL.canParse(`http://${host}`) && !host.startsWith('*'))
  )
}

let lastHost = ''
let lastName: string | undefined

/**
 * The name in a Host header, in lower case, without port and without the dot at its end; undefined for what is too long
 * to be one. Remembered: most requests in a row are for the same.
 */
export function hostName(host: string): string | undefined {
  if (host === lastHost) return lastName
  const portAt = host.lastIndexOf(':')
  const withPort = portAt > 0 && !host.endsWith(']')
  let name = (withPort ? host.slice(0, portAt) : host).toLowerCase()
  if (name.endsWith('.')) name = name.slice(0, -1)
  lastHost = host
  lastName = name.length > MAX_NAME ? undefined : name
  return lastName
}
