import { subscribe } from 'node:diagnostics_channel'
import { performance } from 'node:perf_hooks'
import type { BoundHistogram, MetricRegistry } from '@millrace/core/metrics'
import { guarded } from '../guard.ts'
import { OTHER } from './routes.ts'

interface OutgoingRequest {
  origin?: unknown
  method?: string
}

interface Pending {
  startedAt: number
  status: string
}

/** Different hosts that become labels; the rest is `other`. */
export const MAX_HOSTS = 50

/**
 * Measures what goes out through `fetch` and undici, by host: from the creation of the request to the end of the
 * answer. undici tells on its own diagnostics channels, the copy inside of Node too.
 */
export function instrumentUndici(registry: MetricRegistry): void {
  const duration = registry.histogram({
    name: 'http_client_request_duration_seconds',
    help: 'Time from the creation of an outgoing request to the end of its answer, by host.',
    unit: 's',
    labels: ['method', 'host', 'status'],
  })
  const pending = new WeakMap<object, Pending>()
  const hosts = new Set<string>()
  const series = new Map<string, BoundHistogram>()

  const hostOf = (origin: unknown): string => {
    const text = String(origin)
    const host = URL.canParse(text) ? new URL(text).host : OTHER
    if (hosts.has(host)) return host
    if (hosts.size >= MAX_HOSTS) return OTHER
    hosts.add(host)
    return host
  }
  const finish = (request: OutgoingRequest, status: string | undefined): void => {
    const found = pending.get(request)
    if (found === undefined) return
    pending.delete(request)
    const labels = {
      method: request.method ?? 'GET',
      host: hostOf(request.origin),
      status: status ?? found.status,
    }
    const key = `${labels.method} ${labels.host} ${labels.status}`
    let bound = series.get(key)
    if (bound === undefined) series.set(key, (bound = duration.with(labels)))
    bound.record((performance.now() - found.startedAt) / 1_000)
  }
  const on = (channel: string, listener: (message: { request: OutgoingRequest }) => void): void =>
    subscribe(`undici:request:${channel}`, (message) => guarded('undici', () => listener(message as never)))

  on('create', ({ request }) => void pending.set(request, { startedAt: performance.now(), status: 'error' }))
  on('headers', (message) => {
    const { request, response } = message as typeof message & { response: { statusCode: number } }
    const found = pending.get(request)
    if (found !== undefined) found.status = String(response.statusCode)
  })
  on('trailers', ({ request }) => finish(request, undefined))
  on('error', ({ request }) => finish(request, 'error'))
}
