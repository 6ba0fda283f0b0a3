import { hashText, networkOf } from '../balancing/hash.ts'
import type { ForwardingPolicy, RequestHeaders } from './request-headers.ts'

const bare = (address: string): string =>
  address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address

/**
 * Who asks: the other end of the connection, or, where that is a trusted proxy, the last address in X-Forwarded-For that
 * is none. What stands before it was said by others, and is not believed.
 */
export function visitorAddress(
  remote: string | undefined,
  headers: Pick<RequestHeaders, 'forwardedFor'>,
  policy: Pick<ForwardingPolicy, 'trusted'>,
): string {
  let address = remote ?? 'unknown'
  // Only set where the connection is from a trusted proxy.
  const said = headers.forwardedFor?.split(',') ?? []
  for (let i = said.length - 1; i >= 0; i--) {
    const next = withoutPort(said[i]!.trim())
    if (next === '') break
    address = next
    if (!policy.trusted(address)) break
  }
  return bare(address)
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(address: string): string {
  if (address.startsWith('[')) return address.slice(1, address.indexOf(']'))
  const colon = address.indexOf(':')
  return colon > 0 && colon === address.lastIndexOf(':') ? address.slice(0, colon) : address
}

/** The same number for all requests of one visitor, as far as addresses tell. */
export const visitorKey = (exchange: {
  readonly req: { readonly socket: { readonly remoteAddress?: string | undefined } }
  readonly headers: Pick<RequestHeaders, 'forwardedFor'>
  readonly context: { readonly policy: Pick<ForwardingPolicy, 'trusted'> }
}): number =>
  hashText(
    networkOf(visitorAddress(exchange.req.socket.remoteAddress, exchange.headers, exchange.context.policy)),
  )
