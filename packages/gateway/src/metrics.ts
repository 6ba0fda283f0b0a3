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
  cacheRequests: {
    kind: 'counter',
    unit: '1',
    help: 'Requests that the HTTP cache was asked about, by what came of it',
    labels: ['pool', 'status'],
  },
  cacheResponse: {
    kind: 'counter',
    unit: 'By',
    help: 'Bytes of response bodies that came from the HTTP cache',
    labels: ['pool'],
  },
  cacheEntries: {
    kind: 'gauge',
    unit: '1',
    help: 'Responses that the HTTP cache holds in memory',
  },
  cacheSize: {
    kind: 'gauge',
    unit: 'By',
    help: 'Memory that the HTTP cache uses, compressed forms included',
  },
  cacheRenewals: {
    kind: 'counter',
    unit: '1',
    help: 'Requests of the cache’s own that renew what was answered stale',
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
