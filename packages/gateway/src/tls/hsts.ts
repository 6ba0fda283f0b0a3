import type { ProxyContext } from '../proxy/proxy-context.ts'
import { isEncrypted } from '../proxy/request-headers.ts'
import type { VisitorRequest } from '../proxy/visitor.ts'
import type { TlsConfig } from './tls-config.ts'

/** RFC 6797. Over plain HTTP it has no meaning, and must not be sent. */
const HSTS = 'strict-transport-security'

export const hstsValue = ({ enabled, hstsMaxAgeSeconds }: TlsConfig): string | undefined =>
  enabled && hstsMaxAgeSeconds !== undefined ? `max-age=${hstsMaxAgeSeconds}` : undefined

/** Adds it to an answer over TLS, unless the application says it in its own way. */
export function addHsts(raw: string[], value: string, req: VisitorRequest): void {
  if (!isEncrypted(req)) return
  for (let i = 0; i < raw.length; i += 2) if (raw[i]!.toLowerCase() === HSTS) return
  raw.push(HSTS, value)
}

/** Name and value for an answer of the gateway's own. */
export const hstsOf = ({ hsts }: ProxyContext, req: VisitorRequest): readonly string[] =>
  hsts !== undefined && isEncrypted(req) ? [HSTS, hsts] : NONE

const NONE: readonly string[] = []
