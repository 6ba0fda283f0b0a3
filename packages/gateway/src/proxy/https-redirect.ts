import { gatewayErrors } from '../errors.ts'
import { linger } from './linger.ts'
import { sendProblem } from './problem-response.ts'
import type { RequestHeaders } from './request-headers.ts'
import type { VisitorRequest, VisitorResponse } from './visitor.ts'

/** What load balancers and container platforms ask, which do not follow redirects. */
const HEALTH = /^\/health(?:\/|\?|$)/

/** Whether a request that came without TLS has to come again with it. */
export const mustRedirect = (
  route: { loopbackOnly: boolean },
  path: string,
  { scheme }: RequestHeaders,
): boolean => scheme !== 'https' && !route.loopbackOnly && !HEALTH.test(path)

/** 308: the same request, method and body included, at the port for HTTPS. */
export function redirect(
  req: VisitorRequest,
  res: VisitorResponse,
  { host, requestId }: RequestHeaders,
  path: string,
  port: number,
): void {
  if (req.headers.upgrade !== undefined) res.shouldKeepAlive = false
  linger(req)
  const name = host?.replace(/:\d*$/, '')
  // With an empty one, browsers take the beginning of the path for it.
  if (name === undefined || name === '') {
    const error = gatewayErrors.REQUEST_INVALID({ reason: 'it has no Host, and must come by HTTPS' })
    sendProblem(res, error, { accept: req.headers.accept, method: req.method!, requestId })
    return
  }
  const location = `https://${name}${port === 443 ? '' : `:${port}`}${path}`
  res.writeHead(308, ['location', location, 'content-length', '0', 'x-request-id', requestId])
  res.end()
}
