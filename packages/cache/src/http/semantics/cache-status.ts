/** Why a request went on to the origin (RFC 9211, section 2.2). */
export type Forwarded = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'miss' | 'request' | 'stale'

export interface CacheStatusDetails {
  hit?: boolean
  forwarded?: Forwarded
  forwardedStatus?: number
  /** Seconds of freshness left; below 0: stale since then. */
  ttlS?: number
  stored?: boolean
  collapsed?: boolean
  /** What the parameters above do not say: `negative`, `if-error`. A token. */
  detail?: string
}

/** One member of the `Cache-Status` field (RFC 9211). `name` is a token, checked where it is configured. */
export function cacheStatus(name: string, details: CacheStatusDetails): string {
  let text = name
  if (details.hit === true) text += '; hit'
  if (details.forwarded !== undefined) text += `; fwd=${details.forwarded}`
  if (details.forwardedStatus !== undefined) text += `; fwd-status=${details.forwardedStatus}`
  if (details.ttlS !== undefined) text += `; ttl=${details.ttlS}`
  if (details.stored === true) text += '; stored'
  if (details.collapsed === true) text += '; collapsed'
  return details.detail === undefined ? text : `${text}; detail=${details.detail}`
}
