import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
// The global of that name is a getter.
import { performance } from 'node:perf_hooks'
import type { BoundHistogram, MetricRegistry } from '@millrace/core/metrics'
import { guarded } from '../guard.ts'
import { expressRoute } from '../frameworks/express.ts'
import { RawRoutes, ROUTE, UNMATCHED } from './routes.ts'

const STARTED = Symbol('millrace.started')

type Measured = ServerResponse & { [STARTED]: number; [ROUTE]?: string }

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** NGINX's code for a client that left before the answer began. */
const CLIENT_CLOSED = 499

// A response that was aborted or took longer may have been an event stream, whose length is not a latency.
const SUSPICIOUS_SECONDS = 1

const isEventStream = (request: IncomingMessage): boolean =>
  request.headers.accept?.startsWith('text/event-stream') === true

/**
 * Measures every `node:http` and `node:https` server of the process through `node:diagnostics_channel`: from the
 * parsed request head to the response's end or abort.
 */
export function instrumentHttpServers(registry: MetricRegistry): void {
  const duration = registry.histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time from the parsed request head to the end of the response, by route pattern.',
    unit: 's',
    labels: ['method', 'route', 'status'],
  })
  const active = registry.gauge({
    name: 'http_server_active_requests',
    help: 'Requests being answered.',
    unit: '1',
  })
  const rawRoutes = new RawRoutes()
  // Route patterns are few and their strings live long, so that this look-up is a pointer comparison away.
  const byRoute = new Map<string, Map<string, Map<number, BoundHistogram>>>()

  const seriesOf = (route: string, method: string, status: number): BoundHistogram => {
    let byMethod = byRoute.get(route)
    if (byMethod === undefined) byRoute.set(route, (byMethod = new Map()))
    let byStatus = byMethod.get(method)
    if (byStatus === undefined) byMethod.set(method, (byStatus = new Map()))
    let series = byStatus.get(status)
    if (series === undefined) {
      const labels = { method: METHODS.has(method) ? method : 'OTHER', route, status: String(status) }
      byStatus.set(status, (series = duration.with(labels)))
    }
    return series
  }

  const routeOf = (response: Measured, request: IncomingMessage, status: number): string => {
    const route = response[ROUTE] ?? expressRoute(request)
    if (route !== undefined) return route
    if (status === 404 || status === 405) return UNMATCHED
    return rawRoutes.routeOf((request as { originalUrl?: string }).originalUrl ?? request.url ?? '/')
  }

  const finish = (response: Measured): void => {
    current.add(-1)
    const seconds = (performance.now() - response[STARTED]) / 1_000
    const request = response.req
    const suspicious = !response.writableFinished || seconds > SUSPICIOUS_SECONDS
    if (suspicious && isEventStream(request)) return
    const status = response.headersSent ? response.statusCode : CLIENT_CLOSED
    seriesOf(routeOf(response, request, status), request.method ?? 'GET', status).record(seconds)
  }
  // One function for all responses: no closure is made per request.
  function onClose(this: ServerResponse): void {
    guarded('http', () => finish(this as Measured))
  }
  const current = active.with({})
  subscribe('http.server.request.start', (message) => {
    guarded('http', () => {
      const { response } = message as { response: Measured }
      response[STARTED] = performance.now()
      current.add(1)
      response.on('close', onClose)
    })
  })
}
