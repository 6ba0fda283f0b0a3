import { visitorAddress } from '../proxy/visitor-address.ts'
import type { RouteRequest } from './router.ts'

/** The visitor's address, before the request's headers were gone through. */
export function clientAddress(
  { headers, socket }: RouteRequest,
  trusted: (address: string | undefined) => boolean,
): string {
  const forwarded = headers['x-forwarded-for']
  const believed = forwarded !== undefined && trusted(socket.remoteAddress)
  const forwardedFor = Array.isArray(forwarded) ? forwarded.join(', ') : forwarded
  return visitorAddress(
    socket.remoteAddress,
    { forwardedFor: believed ? forwardedFor : undefined },
    { trusted },
  )
}
