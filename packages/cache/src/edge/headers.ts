import { checkTags, checkTtl } from '../options.ts'
import { dialectOf, encodeEdgeKey, type EdgeDialect, type EdgeName } from './dialect.ts'

export interface EdgeHeaderOptions {
  /** Default `generic`. */
  edge?: EdgeName | EdgeDialect
  /** How long the edge keeps the response; a purge ends it earlier. */
  ttlMs: number
  /** How long a browser keeps it, which no purge reaches. Default 0: it asks every time. */
  browserTtlMs?: number
  /** May be served so long after `ttlMs` while it is renewed, or while the origin fails (RFC 5861). */
  staleWhileRevalidateMs?: number
  staleIfErrorMs?: number
  tags?: readonly string[]
  /** Entries that the response was made from; a change of one of them, or of its namespace, purges the response. */
  entries?: readonly { namespace: string; id: string }[]
}

export interface EdgeHeaders {
  /** Names in lower case. */
  headers: Record<string, string>
  /** Surrogate keys, encoded as they are sent. */
  keys: string[]
  /**
   * False: there are more keys than the edge accepts. What cannot be purged must not be kept, so the headers tell the edge not to; tag
   * more coarsely.
   */
  kept: boolean
}

/**
 * Composes `Cache-Control` for browsers, the edge's own control header, and surrogate keys.
 * @throws CACHE_TTL_INVALID, CACHE_TAG_INVALID, CACHE_OPTION_INVALID
 */
export function edgeHeaders(options: EdgeHeaderOptions): EdgeHeaders {
  const dialect = dialectOf(options.edge ?? 'generic')
  const ttl = seconds('ttlMs', options.ttlMs)
  const browserTtlMs = options.browserTtlMs ?? 0
  const browserTtl = browserTtlMs === 0 ? 0 : seconds('browserTtlMs', browserTtlMs)
  const keys = surrogateKeys(options, dialect)
  const value = keys.join(dialect.separator)
  const kept = ttl > 0 && keys.length <= dialect.maxKeys && value.length <= dialect.maxHeaderBytes
  const browser = browserTtl > 0 ? `max-age=${browserTtl}` : 'no-cache'
  if (!kept) {
    const control = Object.fromEntries(dialect.controlHeaders.map((name) => [name, 'no-store']))
    return { headers: { 'cache-control': `private, ${browser}`, ...control }, keys, kept }
  }
  const directives = [`max-age=${ttl}`]
  const { staleWhileRevalidateMs, staleIfErrorMs } = options
  if (staleWhileRevalidateMs !== undefined) {
    directives.push(`stale-while-revalidate=${seconds('staleWhileRevalidateMs', staleWhileRevalidateMs)}`)
  }
  if (staleIfErrorMs !== undefined) {
    directives.push(`stale-if-error=${seconds('staleIfErrorMs', staleIfErrorMs)}`)
  }
  const control = directives.join(', ')
  return {
    headers: {
      'cache-control': `public, ${browser}`,
      ...Object.fromEntries(dialect.controlHeaders.map((name) => [name, control])),
      ...(keys.length > 0 ? { [dialect.keysHeader]: value } : {}),
    },
    keys,
    kept,
  }
}

/** The surrogate key of an entry, and of a whole namespace: what `EdgePurges` purges when they change. */
export const entryKey = (namespace: string, id: string): string => `${namespace}:${id}`
export const namespaceKey = (namespace: string): string => namespace

function surrogateKeys({ tags = [], entries = [] }: EdgeHeaderOptions, dialect: EdgeDialect): string[] {
  const keys = new Set<string>()
  for (const tag of checkTags(tags)) keys.add(encodeEdgeKey(tag, dialect))
  for (const { namespace, id } of entries) {
    keys.add(encodeEdgeKey(namespaceKey(namespace), dialect))
    keys.add(encodeEdgeKey(entryKey(namespace, id), dialect))
  }
  return [...keys]
}

/** The largest that RFC 9111 (1.2.2) asks caches to understand. */
const MAX_SECONDS = 2 ** 31 - 1

const seconds = (field: string, ms: number): number =>
  Math.min(MAX_SECONDS, Math.floor(checkTtl(field, ms) / 1_000))
