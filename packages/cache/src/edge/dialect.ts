import { createHash } from 'node:crypto'
import { cacheErrors } from '../errors.ts'

/** How an edge wants to be told what a response is tagged with and how long it may keep it, and where that ends. */
export interface EdgeDialect {
  keysHeader: string
  separator: ' ' | ','
  /** Headers that only the edge reads and removes. */
  controlHeaders: readonly string[]
  maxKeyLength: number
  maxKeys: number
  /** Of the value of `keysHeader`. */
  maxHeaderBytes: number
  /** Characters of a key that are sent as they are; others are percent-encoded. */
  plain: RegExp
}

const COMMON = /[A-Za-z0-9_.~:/!$&'+^|#-]/

/**
 * Sources: Fastly, "Surrogate-Key" and "VCL constraints and limitations" (1,024 bytes a key, 16,384 the header, keys beyond are
 * ignored); Cloudflare, "Purge cache by cache-tags" (16 KB, 1,000 tags, no spaces, upper and lower case are the same, 1,024
 * characters in a purge); Akamai, "Assign cache tags" (128 tags of 128 characters in one header, 8,192 bytes of headers, no colon,
 * slash or other separators); Varnish, vmod xkey (limited by `http_resp_hdr_len`, 8 KiB by default).
 */
export const EDGE_DIALECTS = {
  fastly: {
    keysHeader: 'surrogate-key',
    separator: ' ',
    controlHeaders: ['surrogate-control'],
    maxKeyLength: 1_024,
    maxKeys: 1_000,
    maxHeaderBytes: 16_384,
    plain: COMMON,
  },
  cloudflare: {
    keysHeader: 'cache-tag',
    separator: ',',
    controlHeaders: ['cdn-cache-control'],
    maxKeyLength: 1_024,
    maxKeys: 1_000,
    maxHeaderBytes: 16_000,
    plain: COMMON,
  },
  akamai: {
    keysHeader: 'edge-cache-tag',
    separator: ',',
    controlHeaders: ['cdn-cache-control'],
    maxKeyLength: 128,
    maxKeys: 128,
    // Leaves room for the other headers.
    maxHeaderBytes: 6_144,
    plain: /[A-Za-z0-9_.~!$&'+^|#-]/,
  },
  varnish: {
    keysHeader: 'xkey',
    separator: ' ',
    controlHeaders: ['surrogate-control'],
    maxKeyLength: 1_024,
    maxKeys: 1_000,
    maxHeaderBytes: 8_000,
    plain: COMMON,
  },
  /**
   * Surrogate keys and both targeted headers (RFC 9213; Edge Architecture 1.0), in the amounts that every edge accepts, the cache of
   * Millrace's own gateway included: that is the one with 64 keys of 256 characters.
   */
  generic: {
    keysHeader: 'surrogate-key',
    separator: ' ',
    controlHeaders: ['surrogate-control', 'cdn-cache-control'],
    maxKeyLength: 256,
    maxKeys: 64,
    maxHeaderBytes: 8_000,
    plain: COMMON,
  },
} as const satisfies Record<string, EdgeDialect>

export type EdgeName = keyof typeof EDGE_DIALECTS

/** @throws CACHE_OPTION_INVALID */
export function dialectOf(edge: EdgeName | EdgeDialect): EdgeDialect {
  if (typeof edge !== 'string') return edge
  const dialect = Object.hasOwn(EDGE_DIALECTS, edge) ? EDGE_DIALECTS[edge] : undefined
  if (dialect !== undefined) return dialect
  const accepted = Object.keys(EDGE_DIALECTS).join(', ')
  throw cacheErrors.OPTION_INVALID({ field: 'edge', value: edge, accepted })
}

/**
 * A tag as the edge can carry it: the same for the header and for the purge. Percent-encoded where the edge would read a separator, and
 * hashed when it is too long, so that no tag is ever left out.
 */
export function encodeEdgeKey(tag: string, dialect: EdgeDialect): string {
  let key = ''
  for (const character of tag) key += dialect.plain.test(character) ? character : percent(character)
  if (key.length <= dialect.maxKeyLength) return key
  return `sha256-${createHash('sha256').update(tag).digest('hex').slice(0, 40)}`
}

const percent = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
