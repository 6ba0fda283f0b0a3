import { BlockList, isIP } from 'node:net'
import { gatewayErrors } from '../errors.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')
loopback.addSubnet('::ffff:127.0.0.0', 104, 'ipv6')

const family = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4')

/** Whether the socket's other end is this machine. */
export function isLoopback(address: string | undefined): boolean {
  if (address === '127.0.0.1' || address === '::1') return true
  return address !== undefined && isIP(address) !== 0 && loopback.check(address, family(address))
}

/**
 * Addresses, CIDR blocks, or `loopback`. Throws GATEWAY_TRUSTED_PROXY_INVALID. The check is false for everything when
 * the list is empty.
 */
export function compileTrustedProxies(values: readonly string[]): (address: string | undefined) => boolean {
  if (values.length === 0) return () => false
  const list = new BlockList()
  let withLoopback = false
  for (const value of values) {
    if (value === 'loopback') {
      withLoopback = true
      continue
    }
    const [address = '', bits, ...rest] = value.split('/')
    const version = isIP(address)
    const prefix = bits === undefined ? undefined : Number(bits)
    const valid =
      version !== 0 &&
      rest.length === 0 &&
      (prefix === undefined || (/^\d+$/.test(bits!) && prefix <= (version === 4 ? 32 : 128)))
    if (!valid) throw gatewayErrors.TRUSTED_PROXY_INVALID({ value })
    if (prefix === undefined) list.addAddress(address, family(address))
    else list.addSubnet(address, prefix, family(address))
  }
  return (address) =>
    address !== undefined &&
    isIP(address) !== 0 &&
    ((withLoopback && isLoopback(address)) || list.check(address, family(address)))
}
