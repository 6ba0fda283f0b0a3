import { defineErrors } from './error.ts'

/** Errors of the core itself: configuration, ports, contract, lifecycle, outgoing HTTP. */
export const coreErrors = defineErrors('CORE', {
  CONFIG_INVALID: {
    status: 400,
    title: 'Invalid configuration',
    message: (d: { problems: string[]; settings?: { path: string; message: string; origin: string }[] }) =>
      `The configuration has ${d.problems.length} problem${d.problems.length === 1 ? '' : 's'}:\n${d.problems.map((line) => `  - ${line}`).join('\n')}`,
  },
  CONFIG_UNREADABLE: {
    status: 400,
    title: 'Configuration file cannot be read',
    message: (d: { file: string; reason: string }) => `${d.file} cannot be loaded: ${d.reason}`,
  },
  PORT_MISSING: {
    status: 503,
    title: 'Capability missing',
    message: (d: { port: string; capability: string }) =>
      `Nothing provides '${d.port}'. It comes from the '${d.capability}' capability, which is not installed or did not start.`,
    expose: true,
  },
  PORT_TAKEN: {
    status: 500,
    title: 'Port provided twice',
    message: (d: { port: string }) => `The port '${d.port}' is provided already.`,
  },
  CAPABILITY_INVALID: {
    status: 500,
    title: 'Invalid capability',
    message: (d: { name: string; problem: string }) => `Capability '${d.name}': ${d.problem}`,
  },
  DEPENDENCY_CYCLE: {
    status: 500,
    title: 'Dependency cycle',
    message: (d: { cycle: string[] }) =>
      `Capabilities depend on one another in a circle: ${d.cycle.join(' → ')}`,
  },
  RUNTIME_UNAVAILABLE: {
    status: 503,
    title: 'Supervisor unavailable',
    message: (d: { host: string; method: string; reason: string }) =>
      `'${d.host}.${d.method}' needs the supervisor started by 'millrace up': ${d.reason}`,
    expose: true,
  },
  URL_INVALID: {
    status: 400,
    title: 'Address not accepted',
    message: (d: { url: string; reason: string }) => `'${d.url}' is not accepted: ${d.reason}.`,
  },
  ADDRESS_FORBIDDEN: {
    status: 403,
    title: 'Address not allowed',
    message: (d: { host: string; address: string }) =>
      `${d.host} resolves to ${d.address}, which is not a public address. Add the host to the allow list if that is intended.`,
  },
  RESPONSE_TOO_LARGE: {
    status: 502,
    title: 'Response too large',
    message: (d: { url: string; maxBytes: number }) =>
      `${d.url} answered with more than ${d.maxBytes} bytes.`,
    expose: true,
  },
  OUTGOING_FAILED: {
    status: 502,
    title: 'Outgoing request failed',
    message: (d: { url: string; reason: string }) => `The request to ${d.url} failed: ${d.reason}`,
    expose: true,
  },
  JOBS_UNAVAILABLE: {
    status: 503,
    title: 'Job queue unavailable',
    message: (d: { queue: string; reason: string }) =>
      `The job queue ('${d.queue}') cannot be reached: ${d.reason}`,
    expose: true,
  },
  JOB_INVALID: {
    status: 400,
    title: 'Job not accepted',
    message: (d: { field: string; value: string; accepted: string }) =>
      `The job's ${d.field} '${d.value}' is not accepted; it must be ${d.accepted}.`,
  },
})
