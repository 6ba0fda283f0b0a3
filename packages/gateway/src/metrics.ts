import type { MetricTable } from '@millrace/core/metrics'
import { regionMetrics } from './regions/metrics.ts'

/** Recorded in each worker; `backends`, `healthChecks` and `discovery…` in the supervisor, which is where they are known. */
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
  requestsQueued: {
    kind: 'gauge',
    unit: '1',
    help: 'Requests that wait for a backend',
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
  circuitState: {
    kind: 'gauge',
    unit: '1',
    help: 'Circuit breaker of each backend in this worker: 0 closed, 1 recovering, 2 open; absent without one',
    labels: ['pool', 'backend'],
  },
  circuitTransitions: {
    kind: 'counter',
    unit: '1',
    help: 'Changes of a circuit breaker, steps of a recovery included, by the state it went to',
    labels: ['pool', 'to'],
  },
  ejections: {
    kind: 'counter',
    unit: '1',
    help: 'Times that a backend was left out because of its last requests',
    labels: ['pool', 'reason'],
  },
  rateLimited: {
    kind: 'counter',
    unit: '1',
    help: 'Requests refused with 429 because their client had too many',
    labels: ['pool'],
  },
  connectionsRefused: {
    kind: 'counter',
    unit: '1',
    help: 'Connections closed at once because their address had too many',
  },
  tlsHandshakes: {
    kind: 'counter',
    unit: '1',
    help: 'TLS handshakes of visitors that succeeded; `resumed`: they went on with a former session',
    labels: ['version', 'resumed'],
  },
  tlsHandshakeFailures: {
    kind: 'counter',
    unit: '1',
    help: 'TLS handshakes of visitors that failed; `crowded`: too many were in progress',
    labels: ['reason'],
  },
  tlsCertificateRemaining: {
    kind: 'gauge',
    unit: 's',
    help: 'Until a certificate expires; negative when it has',
    labels: ['certificate'],
  },
  http2Errors: {
    kind: 'counter',
    unit: '1',
    help: 'HTTP/2 connections of visitors that were ended because of what came by them',
    labels: ['reason'],
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
  splitRequests: {
    kind: 'counter',
    unit: '1',
    help: 'Requests by the part of a split that they were given to; `fallback`: the stable part answered for a canary that failed',
    labels: ['split', 'part', 'outcome'],
  },
  splitDuration: {
    kind: 'histogram',
    unit: 's',
    help: 'Time from the request’s headers to the last byte of the response, by part of a split',
    labels: ['split', 'part'],
  },
  mirrored: {
    kind: 'counter',
    unit: '1',
    help: 'Copies of requests by what became of them; `dropped`: too many at once, or too large a body',
    labels: ['pool', 'outcome'],
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
  healthChecks: {
    kind: 'counter',
    unit: '1',
    help: 'Health checks of backends, by whether they passed or failed',
    labels: ['pool', 'kind', 'result'],
  },
  healthCheckDuration: {
    kind: 'histogram',
    unit: 's',
    help: 'Time that a health check took',
    labels: ['pool', 'kind'],
  },
  discoveryLookups: {
    kind: 'counter',
    unit: '1',
    help: 'Answers and failures of what backends are looked up in',
    labels: ['pool', 'source', 'result'],
  },
  ...regionMetrics,
} as const satisfies MetricTable
