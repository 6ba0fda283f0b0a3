import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

// RFC 6052: the prefix under which IPv6-only networks reach IPv4 hosts.
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96')
// RFC 4291 and the IANA registry: the only part of IPv6 from which global unicast addresses are given out.
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3')

/**
 * Whether an IP address is one on the public internet: not loopback, private, link-local, carrier-grade NAT, multicast,
 * documentation, benchmarking, reserved or a tunnel (6to4, Teredo) to such. An IPv4 address inside an IPv6 one (mapped,
 * NAT64) is judged itself. False for anything that is not an address.
 */
export function isPublicAddress(text: string): boolean {
  const address = parse(text)
  if (address === undefined) return false
  if (address.kind() === 'ipv4') return address.range() === 'unicast'
  const v6 = address as ipaddr.IPv6
  if (v6.isIPv4MappedAddress()) return v6.toIPv4Address().range() === 'unicast'
  if (v6.match(NAT64)) return new ipaddr.IPv4(v6.toByteArray().slice(12)).range() === 'unicast'
  return v6.match(GLOBAL_UNICAST) && v6.range() === 'unicast'
}

function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  // The zone of a link-local address (fe80::1%eth0) names an interface, not a network.
  const bare = text.replace(/%.*$/, '')
  // ipaddr.js also reads 1.2.3 and 010.0.0.1; what is dialled is read by Node, so Node says what an address is.
  return isIP(bare) === 0 ? undefined : ipaddr.parse(bare)
}
