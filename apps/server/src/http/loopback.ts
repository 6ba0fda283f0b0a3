import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/
const LOCAL_NAME = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/
const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'] as const

/**
 * Whether the request began on this machine: a local connection that speaks for nobody else and calls us by a local
 * name. (A page that points its own domain at 127.0.0.1 reaches us too, but under that domain.)
 */
export const isLoopback = (request: FastifyRequest): boolean =>
  LOOPBACK.test(request.socket.remoteAddress ?? '') &&
  LOCAL_NAME.test(request.hostname) &&
  FORWARDING.every((name) => request.headers[name] === undefined)

/**
 * Whether the `Host` that the browser itself wrote is a name that no stranger can own: an address, or one of `localhost`. A page
 * can point its own domain at this machine (DNS rebinding) and send any other header, but not under such a host.
 */
export function isCalledLocally(request: FastifyRequest): boolean {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  return host === 'localhost' || host.endsWith('.localhost') || isIP(host.replace(/^\[|\]$/g, '')) !== 0
}
