import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { HeaderMatch, RouteEntry } from '../../src/drivers/driver.ts'
import { Router } from '../../src/routing/router.ts'

interface Asked {
  path: string
  host: string
  method: string
  headers: Record<string, string>
}

/** The host's place in the order, larger is more specific; undefined: it does not match. */
function hostRank(pattern: string | undefined, host: string): number | undefined {
  if (pattern === undefined) return 0
  const name = host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase()
  const wanted = pattern.toLowerCase()
  if (!wanted.startsWith('*.')) return name === wanted ? 1_000 : undefined
  const rest = wanted.slice(1)
  return name.endsWith(rest) && name.length > rest.length ? rest.length : undefined
}

function prefixRank(prefix: string, path: string): number | undefined {
  const wanted = prefix
    .split('/')
    .filter((segment, at, all) => at === 0 || segment !== '' || at < all.length - 1)
  const sent = path.split('?')[0]!.split('/')
  const bare = wanted.join('/') === '/' ? [''] : wanted
  return bare.every((segment, at) => sent[at] === segment) ? bare.join('/').length : undefined
}

const meets = ({ headers }: Asked, { name, value, pattern }: HeaderMatch): boolean => {
  const sent = headers[name.toLowerCase()]
  if (sent === undefined) return false
  if (pattern !== undefined) return new RegExp(`^(?:${pattern})$`).test(sent)
  return value === undefined || sent === value
}

/** The documented order, by looking at every route. */
function expected(routes: readonly RouteEntry[], asked: Asked): string | undefined {
  const matching = routes.flatMap((route, at) => {
    const host = hostRank(route.host, asked.host)
    const prefix = prefixRank(route.prefix, asked.path)
    if (host === undefined || prefix === undefined) return []
    if (route.methods !== undefined && !route.methods.includes(asked.method)) return []
    if (!(route.headers ?? []).every((header) => meets(asked, header))) return []
    const conditions = (route.methods === undefined ? 0 : 1) + (route.headers ?? []).length
    return [{ pool: route.pool, rank: [host, prefix, conditions, -at] }]
  })
  matching.sort((a, b) => {
    const differing = a.rank.findIndex((value, at) => value !== b.rank[at])
    return b.rank[differing]! - a.rank[differing]!
  })
  return matching[0]?.pool
}

const hosts = ['shop.example', 'a.shop.example', 'a.b.shop.example', 'example', '10.0.0.1', 'Shop.Example']
const host = fc
  .tuple(fc.constantFrom(...hosts), fc.constantFrom('', '.'), fc.constantFrom('', ':80', ':8443'))
  .map((parts) => parts.join(''))
const pattern = fc.constantFrom(
  'shop.example',
  'Shop.Example',
  '*.shop.example',
  '*.b.shop.example',
  '*.example',
  '10.0.0.1',
)
// What a lenient reader would take for another path is none here: what matches is what the backend gets.
const segment = fc.constantFrom(
  'shop',
  'admin',
  'a',
  '',
  '.',
  '..',
  '%2e%2e',
  '%61dmin',
  '..;',
  'ADMIN',
  'shop%2Fadmin',
  'admin\\',
)
const path = fc
  .tuple(fc.array(segment, { maxLength: 4 }), fc.constantFrom('', '?', '?a=/admin', '?/shop/admin'))
  .map(([segments, query]) => `/${segments.join('/')}${query}`)
const route = fc.record(
  {
    prefix: fc.constantFrom('/', '/shop', '/shop/', '/shop/admin', '/admin', '/a', '/a/a'),
    host: pattern,
    methods: fc.constantFrom(['GET'], ['GET', 'POST']),
    headers: fc.constantFrom<HeaderMatch[][]>(
      [{ name: 'X-Beta' }],
      [{ name: 'x-beta', value: '1' }],
      [{ name: 'x-beta', pattern: '[12]' }, { name: 'x-other' }],
    ),
  },
  { requiredKeys: ['prefix'] },
)

it('the route is the one that the documented order says, of any table, for any path, host, method and headers', () => {
  const asked = fc.record<Asked>({
    path,
    host,
    method: fc.constantFrom('GET', 'POST', 'HEAD'),
    headers: fc.constantFrom<Record<string, string>[]>(
      {},
      { 'x-beta': '1' },
      { 'x-beta': '2', 'x-other': '' },
      { 'x-beta': '12' },
    ),
  })
  fc.assert(
    fc.property(
      fc.array(route, { maxLength: 12 }),
      fc.array(asked, { minLength: 1, maxLength: 8 }),
      (list, questions) => {
        const routes = list.map((entry, at): RouteEntry => ({ ...entry, pool: String(at) }))
        const router = new Router(routes, (pool) => pool)
        for (const question of questions) {
          const request = { method: question.method, headers: question.headers, socket: {} }
          expect(router.match(question.path, question.host, request)?.target).toBe(expected(routes, question))
        }
      },
    ),
    { numRuns: 2_000 },
  )
})
