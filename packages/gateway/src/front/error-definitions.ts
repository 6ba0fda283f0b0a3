/** What can go wrong between Millrace and the front; part of `gatewayErrors`. */
export const frontErrorDefinitions = {
  FRONT_MISSING: {
    status: 500,
    title: 'Caddy is not installed',
    message: (d: { program: string }) =>
      `gateway.front.kind 'caddy' needs the program ${d.program}, which is not there. On Debian or Ubuntu: apt-get install caddy. Or set gateway.front.kind (MILLRACE_GATEWAY_FRONT) to 'none'.`,
    expose: true,
  },
  FRONT_UNSUITABLE: {
    status: 500,
    title: 'Caddy is not suitable',
    message: (d: { program: string; reason: string }) =>
      `${d.program} cannot be the gateway's front: ${d.reason}. Caddy 2.6 or newer is needed; Debian's package 'caddy' is.`,
    expose: true,
  },
  FRONT_REFUSED: {
    status: 500,
    title: 'Caddy refuses its configuration',
    message: (d: { reason: string }) => `Caddy refuses the configuration made for it: ${d.reason}`,
    expose: true,
  },
  FRONT_SILENT: {
    status: 504,
    title: 'Caddy does not answer',
    message: (d: { call: string; reason: string }) => `Caddy did not answer '${d.call}': ${d.reason}.`,
    expose: true,
  },
}
