import { createInstruments, MetricRegistry, type MetricTable } from '@millrace/core/metrics'
import { freemem, availableParallelism, loadavg, totalmem } from 'node:os'
import type { Clock } from '@millrace/core'
import type { App } from '../http/app.ts'

const TABLE = {
  requestDuration: {
    kind: 'histogram',
    unit: 's',
    help: 'Time to answer a request of the control plane.',
    labels: ['method', 'route', 'status'],
  },
  eventClients: { kind: 'gauge', unit: '1', help: 'Clients that follow live updates.' },
} as const satisfies MetricTable

export interface RequestMetrics {
  /** Only shown at `/metrics`: names that dashboards of others already use. */
  readonly familiar: MetricRegistry
}

/**
 * Records every request under our own name, and the same as the names of seed 002, which exist for dashboards and
 * alerts that were written against them.
 */
export function recordRequests(
  app: App,
  registry: MetricRegistry,
  options: { eventClients(): number; clock: Clock },
): RequestMetrics {
  const own = createInstruments(registry, 'server', TABLE)
  own.eventClients.observe(() => options.eventClients())

  const familiar = new MetricRegistry()
  const startedAt = options.clock.monotonic()
  const counted = { requests: 0, errors: 0, totalMs: 0 }
  const total = familiar.counter({ name: 'http_requests_total', help: 'Requests answered.', unit: '1' })
  const errors = familiar.counter({
    name: 'http_requests_errors_total',
    help: 'Requests answered with 500 or above.',
    unit: '1',
  })
  const gauge = (name: string, unit: string, help: string, read: () => number): void =>
    familiar.gauge({ name, unit, help }).observe(read)
  total.add(0)
  errors.add(0)
  gauge(
    'service_uptime_seconds',
    's',
    'Time since the start.',
    () => (options.clock.monotonic() - startedAt) / 1_000,
  )
  gauge('http_request_duration_avg_ms', 'ms', 'Mean time to answer since the start.', () =>
    counted.requests === 0 ? 0 : counted.totalMs / counted.requests,
  )
  gauge('http_request_error_rate_percent', '%', 'Share of errors since the start.', () =>
    counted.requests === 0 ? 0 : (100 * counted.errors) / counted.requests,
  )
  gauge('process_memory_heap_bytes', 'By', 'Heap in use.', () => process.memoryUsage().heapUsed)
  gauge('process_memory_rss_bytes', 'By', 'Resident memory.', () => process.memoryUsage.rss())
  gauge('system_memory_usage_percent', '%', 'Memory in use.', () => 100 * (1 - freemem() / totalmem()))
  gauge('system_cpu_count', '1', 'CPUs this process may use.', () => availableParallelism())
  gauge('system_load_average_1m', '1', 'Load average over a minute.', () => loadavg()[0] ?? 0)

  app.addHook('onResponse', async (request, reply) => {
    // A live stream lasts as long as its client looks on, which says nothing about how fast we answer.
    if (String(reply.raw.getHeader('content-type')).startsWith('text/event-stream')) return
    const ms = reply.elapsedTime
    const status = String(reply.statusCode)
    // The route's pattern, never the path: paths of strangers are without number.
    const route = request.routeOptions.url ?? 'unknown'
    own.requestDuration.with({ method: request.method, route, status }).record(ms / 1_000)
    counted.requests++
    counted.totalMs += ms
    total.add()
    if (reply.statusCode >= 500) {
      counted.errors++
      errors.add()
    }
  })
  return { familiar }
}
