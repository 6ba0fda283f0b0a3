import type { MetricTable } from '@millrace/core/metrics'

/** Recorded in each worker; `backends` in the supervisor, which is where health is known. */
export const gatewayMetrics = {
  requestDuration: {
    kind: 'histogram',
    unit: 's',
    help: 'Time from the request’s headers to the last byte of the response',
    labels: ['pool', 'method', 'status'],
  },
  requestsInFlight: {
    kind: 'gauge',
    unit: '1',
    help: 'Requests being answered, WebSockets included',
    labels: ['pool'],
  },
  upstreamErrors: {
    kind: 'counter',
    unit: '1',
    help: 'Requests that a backend failed',
    labels: ['pool', 'reason'],
  },
  retries: {
    kind: 'counter',
    unit: '1',
    help: 'Requests sent again to a backend',
    labels: ['pool'],
  },
  response: {
    kind: 'counter',
    unit: 'By',
    help: 'Bytes of response bodies sent to visitors',
    labels: ['pool'],
  },
  connections: {
    kind: 'gauge',
    unit: '1',
    help: 'Open connections of visitors',
  },
  backends: {
    kind: 'gauge',
    unit: '1',
    help: 'Backends by state',
    labels: ['pool', 'state'],
  },
} as const satisfies MetricTable
