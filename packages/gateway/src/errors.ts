import { defineErrors } from '@millrace/core'
import { haproxyErrorDefinitions } from './drivers/haproxy/error-definitions.ts'
import { frontErrorDefinitions } from './front/error-definitions.ts'
import { regionErrorDefinitions } from './regions/error-definitions.ts'

/** Errors of the gateway: those visitors meet (4xx, 5xx) and those of a wrong configuration. */
export const gatewayErrors = defineErrors('GATEWAY', {
  NO_ROUTE: {
    status: 404,
    title: 'No route',
    message: () => 'Nothing is served under this path.',
  },
  REQUEST_INVALID: {
    status: 400,
    title: 'Invalid request',
    message: (d: { reason: string }) => `The request is not valid HTTP: ${d.reason}.`,
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'Request took too long to arrive',
    message: () => 'The request did not arrive completely in time.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'Request body too large',
    message: (d: { maxBytes: number }) => `The request body is larger than ${d.maxBytes} bytes.`,
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'Request headers too large',
    message: (d: { maxBytes: number; maxCount: number }) =>
      `The request has more than ${d.maxBytes} bytes of headers, or more than ${d.maxCount} of them.`,
  },
  RATE_LIMITED: {
    status: 429,
    title: 'Too many requests',
    message: (d: { retryAfterSeconds: number }) =>
      `There were too many requests from you. Try again in ${d.retryAfterSeconds} s.`,
    expose: true,
  },
  BAD_GATEWAY: {
    status: 502,
    title: 'Bad gateway',
    message: () => 'The application ended the connection without a valid answer. Try again in a moment.',
    expose: true,
  },
  UPGRADE_UNSUPPORTED: {
    status: 501,
    title: 'Upgrade not supported',
    message: () => 'The application is spoken to in HTTP/2 and does not take WebSockets over it (RFC 8441).',
    expose: true,
  },
  UNAVAILABLE: {
    status: 503,
    title: 'Temporarily unavailable',
    message: (d: { retryAfterSeconds: number }) =>
      `The application is not answering at the moment. Try again in ${d.retryAfterSeconds} s.`,
    expose: true,
  },
  OVERLOADED: {
    status: 503,
    title: 'Too many requests in progress',
    message: (d: { retryAfterSeconds: number }) =>
      `The application has as many requests as it can take. Try again in ${d.retryAfterSeconds} s.`,
    expose: true,
  },
  UPSTREAM_TIMEOUT: {
    status: 504,
    title: 'Gateway timeout',
    message: () => 'The application did not answer in time.',
    expose: true,
  },
  TABLE_INVALID: {
    status: 400,
    title: 'Invalid routes or pools',
    message: (d: { problems: string[] }) => `Routes and pools are not consistent: ${d.problems.join('; ')}`,
  },
  UPSTREAM_INVALID: {
    status: 400,
    title: 'Invalid upstream address',
    message: (d: { application: string; address: string; reason: string }) =>
      `applications.${d.application}.upstreams: ${d.address} ${d.reason}`,
  },
  DISCOVER_INVALID: {
    status: 400,
    title: 'Invalid discovery',
    message: (d: { application: string; field: string; reason: string }) =>
      `applications.${d.application}.discover${d.field === '' ? '' : '.'}${d.field} ${d.reason}`,
  },
  BACKEND_UNKNOWN: {
    status: 404,
    title: 'Unknown backend',
    message: (d: { backend: string; known: string[] }) =>
      `There is no backend '${d.backend}'. Known: ${d.known.join(', ') || 'none'}.`,
  },
  LISTEN_FAILED: {
    status: 500,
    title: 'Cannot listen',
    message: (d: { host: string; port: number; reason: string }) =>
      `The gateway cannot listen on ${d.host}:${d.port}: ${d.reason}. Set PORT or gateway.port to a free port.`,
    expose: true,
  },
  WORKER_FAILED: {
    status: 500,
    title: 'Gateway worker failed',
    message: (d: { worker: number; reason: string }) => `Gateway worker ${d.worker} ${d.reason}.`,
    expose: true,
  },
  WORKER_SILENT: {
    status: 504,
    title: 'Gateway worker does not answer',
    message: (d: { worker: number; call: string; timeoutMs: number }) =>
      `Gateway worker ${d.worker} did not answer '${d.call}' within ${d.timeoutMs} ms.`,
    expose: true,
  },
  COUNTRY_DATABASE_INVALID: {
    status: 400,
    title: 'Country database cannot be read',
    message: (d: { file: string; reason: string }) =>
      `geography.database: ${d.file} is not a readable MaxMind DB file: ${d.reason}.`,
  },
  CONNECTION_UNKNOWN: {
    status: 404,
    title: 'Unknown connection',
    message: (d: { connection: string }) =>
      `There is no open connection '${d.connection}': it may have been closed meanwhile.`,
  },
  CERTIFICATE_INVALID: {
    status: 400,
    title: 'Certificate cannot be used',
    message: (d: { field: string; file: string; reason: string }) => `${d.field}: ${d.file} ${d.reason}.`,
    expose: true,
  },
  SPLIT_UNKNOWN: {
    status: 404,
    title: 'Unknown split',
    message: (d: { split: string; known: string[] }) =>
      `There is no split '${d.split}'. Known: ${d.known.join(', ') || 'none'}.`,
  },
  SPLIT_REFUSED: {
    status: 409,
    title: 'Not possible with this split',
    message: (d: { split: string; reason: string }) => `Split '${d.split}': ${d.reason}.`,
  },
  TRUSTED_PROXY_INVALID: {
    status: 400,
    title: 'Invalid trusted proxy',
    message: (d: { value: string }) =>
      `trustedProxies: '${d.value}' is not an address, a CIDR block such as 10.0.0.0/8, or 'loopback'.`,
  },
  ...haproxyErrorDefinitions,
  ...frontErrorDefinitions,
  ...regionErrorDefinitions,
})
