import { isIP } from 'node:net'

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const HOST = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`)

/** As Kubernetes has it: no address, no underscore. Undefined: any host; null: it cannot be one. */
export function ingressHost(host: string | undefined): string | undefined | null {
  if (host === undefined) return undefined
  const lower = host.toLowerCase()
  // `*.org` alone would be a wildcard below a single label, which is allowed; an address is not.
  return HOST.test(lower) && isIP(lower) === 0 ? lower : null
}

/** What the schema of the Gateway API takes for a path, which is less than what a request may have. */
export const isPlainPath = (path: string): boolean =>
  path.length <= 1_024 &&
  /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:]|%[\da-fA-F]{2})+$/.test(path) &&
  !/\/\/|\/\.\/|\/\.\.\/|%2f|\/\.\.?$/i.test(path)
