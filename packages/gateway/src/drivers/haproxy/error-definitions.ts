/** What can go wrong between Millrace and HAProxy; part of `gatewayErrors`. */
export const haproxyErrorDefinitions = {
  HAPROXY_MISSING: {
    status: 500,
    title: 'HAProxy is not installed',
    message: (d: { program: string }) =>
      `The gateway's engine 'haproxy' needs the program ${d.program}, which is not there. On Debian or Ubuntu: apt-get install haproxy. Or set gateway.engine (MILLRACE_GATEWAY_ENGINE) to 'node'.`,
    expose: true,
  },
  HAPROXY_UNSUITABLE: {
    status: 500,
    title: 'HAProxy is not suitable',
    message: (d: { program: string; reason: string }) =>
      `${d.program} cannot be the gateway's engine: ${d.reason}. HAProxy 2.6 or newer, built with Lua, is needed; Debian's package 'haproxy' is.`,
    expose: true,
  },
  HAPROXY_VALUE_INVALID: {
    status: 400,
    title: 'Value that HAProxy cannot be given',
    message: (d: { field: string }) => `${d.field} has a control character.`,
  },
  HAPROXY_CONFIGURATION_REFUSED: {
    status: 500,
    title: 'HAProxy refuses its configuration',
    message: (d: { reason: string }) => `HAProxy refuses the configuration made for it: ${d.reason}`,
    expose: true,
  },
  HAPROXY_SILENT: {
    status: 504,
    title: 'HAProxy does not answer',
    message: (d: { command: string; reason: string }) =>
      `HAProxy did not answer '${d.command}': ${d.reason}.`,
    expose: true,
  },
  HAPROXY_RELOAD_FAILED: {
    status: 500,
    title: 'HAProxy did not reload',
    message: (d: { timeoutMs: number; reason: string }) =>
      `HAProxy did not take its new configuration within ${d.timeoutMs} ms and goes on with the one it had: ${d.reason}`,
    expose: true,
  },
  HAPROXY_LACKS: {
    status: 501,
    title: 'Not a feature of HAProxy',
    message: (d: { what: string }) =>
      `The gateway's engine 'haproxy' has no way of ${d.what}. The engine 'node' has (gateway.engine).`,
    expose: true,
  },
}
