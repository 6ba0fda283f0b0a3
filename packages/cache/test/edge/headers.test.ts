import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dialectOf, EDGE_DIALECTS, encodeEdgeKey, type EdgeName } from '../../src/edge/dialect.ts'
import { edgeHeaders } from '../../src/edge/headers.ts'

const EDGES = Object.keys(EDGE_DIALECTS) as EdgeName[]

describe('the headers for the edge', () => {
  it('let the edge keep what a purge can reach, and browsers ask', () => {
    const { headers, kept } = edgeHeaders({
      ttlMs: 3_600_000,
      staleWhileRevalidateMs: 60_000,
      staleIfErrorMs: 86_400_000,
      tags: ['product:7'],
      entries: [{ namespace: 'PRODUCT_DETAILS', id: '7' }],
    })
    expect(kept).toBe(true)
    expect(headers).toEqual({
      'cache-control': 'public, no-cache',
      'surrogate-control': 'max-age=3600, stale-while-revalidate=60, stale-if-error=86400',
      'cdn-cache-control': 'max-age=3600, stale-while-revalidate=60, stale-if-error=86400',
      'surrogate-key': 'product:7 PRODUCT_DETAILS PRODUCT_DETAILS:7',
    })
  })

  it.each([
    ['fastly', 'surrogate-key', 'a:1 b'],
    ['cloudflare', 'cache-tag', 'a:1,b'],
    ['akamai', 'edge-cache-tag', 'a%3A1,b'],
    ['varnish', 'xkey', 'a:1 b'],
  ] as const)('are what %s reads', (edge, name, value) => {
    const { headers } = edgeHeaders({ edge, ttlMs: 60_000, browserTtlMs: 10_000, tags: ['a:1', 'b', 'a:1'] })
    expect(headers[name]).toBe(value)
    expect(headers['cache-control']).toBe('public, max-age=10')
  })

  it.each([
    ['generic', 65],
    ['akamai', 129],
    ['fastly', 1_001],
  ] as const)('tell %s not to keep what has more keys than it accepts', (edge, count) => {
    const entries = Array.from({ length: count - 1 }, (_, id) => ({
      namespace: 'N',
      id: `${id}`,
    }))
    const { headers, kept } = edgeHeaders({ edge, ttlMs: 60_000, entries })
    expect(kept).toBe(false)
    expect(headers['cache-control']).toBe('private, no-cache')
    expect(headers[EDGE_DIALECTS[edge].controlHeaders[0]]).toBe('no-store')
    expect(headers[EDGE_DIALECTS[edge].keysHeader]).toBeUndefined()
  })

  it('never hold a key that the edge would split, cut or ignore; different tags stay different', () => {
    const tag = fc.oneof(
      fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }),
      fc.constant('x'.repeat(200)),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...EDGES),
        fc.uniqueArray(tag, { minLength: 1, maxLength: 20 }),
        (edge, tags) => {
          const dialect = EDGE_DIALECTS[edge]
          const { headers, keys, kept } = edgeHeaders({ edge, ttlMs: 1_000, tags })
          expect(kept).toBe(true)
          expect(headers[dialect.keysHeader]?.split(dialect.separator)).toEqual(keys)
          expect(keys).toEqual(tags.map((tag) => encodeEdgeKey(tag, dialect)))
          expect(new Set(keys).size).toBe(tags.length)
          for (const key of keys) expect(key).toMatch(/^[\x21-\x7e]{1,1024}$/)
          expect(Math.max(...keys.map(({ length }) => length))).toBeLessThanOrEqual(dialect.maxKeyLength)
        },
      ),
    )
  })

  it.each([
    [{ ttlMs: 0 }, 'CACHE_TTL_INVALID'],
    [{ ttlMs: 1_000, browserTtlMs: -1 }, 'CACHE_TTL_INVALID'],
    [{ ttlMs: 1_000, tags: [''] }, 'CACHE_TAG_INVALID'],
    [{ ttlMs: 1_000, edge: 'squid' as EdgeName }, 'CACHE_OPTION_INVALID'],
  ])('refuse bad input: %j', (options, code) => {
    expect(() => edgeHeaders(options)).toThrow(expect.objectContaining({ code }))
  })

  it('keep to what fits below a second: nothing', () => {
    expect(edgeHeaders({ ttlMs: 999 })).toMatchObject({ kept: false })
    expect(dialectOf('generic').maxKeys).toBe(64)
  })
})
