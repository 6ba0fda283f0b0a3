import { isIPv6 } from 'node:net'

/**
 * 32 bits: FNV-1a, then the finaliser of MurmurHash3, because neighbours such as `shop/1` and `shop/2` must not stay
 * neighbours.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const MAPPED = /^::ffff:(?=\d+\.)/i

/**
 * What tells visitors apart by their address: an IPv4 address itself, of an IPv6 address the first 64 bits, which is what
 * one visitor is given and may choose addresses in (RFC 6177, RFC 8981).
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  if (MAPPED.test(address)) return address.replace(MAPPED, '')
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const groups = head === '' ? [] : head.split(':')
  // Of what follows `::`, only what reaches into the first four groups matters.
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    const length = after.length + (after.at(-1)?.includes('.') === true ? 1 : 0)
    while (groups.length + length < 8) groups.push('0')
    groups.push(...after)
  }
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
