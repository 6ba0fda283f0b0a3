import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RouteEntry } from '../../src/drivers/driver.ts'
import { compilePattern } from '../../src/routing/header-match.ts'
import { hostName } from '../../src/routing/host-pattern.ts'
import { Router, type RouteRequest } from '../../src/routing/router.ts'

type Entry = RouteEntry & { pool: string }

const request = (method: string, headers: Record<string, string> = {}): RouteRequest => ({
  method,
  headers,
  socket: { remoteAddress: '192.0.2.1' },
})

const hosts = fc.constantFrom(undefined, 'a.test', 'b.a.test', '*.a.test', '*.b.a.test', '*.test')
const entry = fc.record(
  {
    prefix: fc.constantFrom('/', '/x', '/x/y', '/z'),
    host: hosts,
    methods: fc.option(fc.subarray(['GET', 'POST'], { minLength: 1 }), { nil: undefined }),
    headers: fc.option(
      fc.uniqueArray(fc.record({ name: fc.constantFrom('p', 'q'), value: fc.constantFrom('1', '2') }), {
        minLength: 1,
        maxLength: 2,
        selector: ({ name }) => name,
      }),
      { nil: undefined },
    ),
    countries: fc.option(fc.subarray(['AT', 'CH'], { minLength: 1 }), { nil: undefined }),
  },
  { requiredKeys: ['prefix'] },
)

/** The definition, without a table: all routes that match, and the order in which they win. */
function byDefinition(
  entries: readonly Entry[],
  path: string,
  host: string,
  asked: RouteRequest,
  country: string,
) {
  const specificity = ({ host: own }: Entry): number =>
    own === undefined ? 0 : own.startsWith('*') ? own.length : 1_000
  const weight = ({ methods, headers, countries }: Entry): number =>
    (methods === undefined ? 0 : 1) + (headers ?? []).length + (countries === undefined ? 0 : 1)
  const [bare = ''] = path.split('?')
  const matching = entries.filter(
    ({ prefix, host: own, methods, headers, countries }) =>
      (own === undefined || own === host || (own.startsWith('*') && host.endsWith(own.slice(1)))) &&
      (prefix === '/' || bare === prefix || bare.startsWith(`${prefix}/`)) &&
      (methods === undefined || methods.includes(asked.method!)) &&
      (headers ?? []).every(({ name, value }) => asked.headers[name] === value) &&
      (countries === undefined || countries.includes(country)),
  )
  return matching.sort(
    (a, b) =>
      specificity(b) - specificity(a) ||
      b.prefix.length - a.prefix.length ||
      weight(b) - weight(a) ||
      entries.indexOf(a) - entries.indexOf(b),
  )[0]?.pool
}

describe('Router', () => {
  it('decides as its definition does, whatever the routes and the request', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 12 }),
        fc.constantFrom('/', '/x', '/x/y?a=/z', '/xy', '/z/1'),
        fc.constantFrom('a.test', 'b.a.test', 'c.b.a.test', 'other.test', 'elsewhere'),
        fc.constantFrom('GET', 'POST'),
        fc.dictionary(fc.constantFrom('p', 'q'), fc.constantFrom('1', '2')),
        fc.constantFrom('AT', 'CH', 'DE'),
        (list, path, host, method, headers, country) => {
          const entries = list.map((one, at): Entry => ({ ...(one as RouteEntry), pool: String(at) }))
          const router = new Router(
            entries,
            (pool) => pool,
            () => country,
          )
          const asked = request(method, { ...headers })
          expect(router.match(path, host, asked)?.target).toBe(
            byDefinition(entries, path, host, asked, country),
          )
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('finds one of 10,000 hosts, one of 10,000 prefixes of a host, and neither', () => {
    const entries: RouteEntry[] = []
    for (let i = 0; i < 10_000; i++) {
      entries.push(
        { prefix: '/', host: `s${i}.test`, pool: `h${i}` },
        { prefix: `/r${i}`, host: 'one.test', pool: `p${i}` },
      )
    }
    const router = new Router(entries, (pool) => pool)
    for (const i of [0, 17, 9_999]) {
      expect(router.match('/x', `s${i}.test:8080`)?.target).toBe(`h${i}`)
      expect(router.match(`/r${i}/x`, 'ONE.test')?.target).toBe(`p${i}`)
    }
    expect(router.match('/x', 's10000.test')).toBeUndefined()
    expect(router.match('/r10000', 'one.test')).toBeUndefined()
  })

  it('says what it looked at, and why it lost', () => {
    const router = new Router<string>(
      [
        { prefix: '/', pool: 'rest' },
        { prefix: '/a', pool: 'post', methods: ['POST'] },
        { prefix: '/a', pool: 'beta', headers: [{ name: 'X-Beta', pattern: 'y.*' }] },
        { prefix: '/a', pool: 'alps', countries: ['AT'] },
      ],
      (pool) => pool,
    )
    const looks: string[] = []
    router.match('/a/b', undefined, request('GET', { 'x-beta': 'no' }), ({ target }, lost) =>
      looks.push(`${target}: ${lost}`),
    )
    expect(looks).toEqual([
      'post: method GET',
      'beta: header x-beta like y.*',
      'alps: country not known',
      'rest: undefined',
    ])
  })

  it('a name is read the same however it is written', () => {
    expect(hostName('Shop.Example:443')).toBe('shop.example')
    expect(hostName('shop.example.')).toBe('shop.example')
    expect(hostName('[::1]:80')).toBe('[::1]')
    expect(hostName('[::1]')).toBe('[::1]')
    expect(hostName('a'.repeat(300))).toBeUndefined()
    expect(hostName('.'.repeat(253))).toBe('.'.repeat(252))
  })
})

describe('patterns', () => {
  it('are RE2: linear, whole values, and nothing that RE2 has not', () => {
    const begun = performance.now()
    expect(compilePattern('(x+x+)+y')('x'.repeat(4_000))).toBe(false)
    expect(compilePattern('(.*)*(.*)*z')('x'.repeat(4_000))).toBe(false)
    expect(performance.now() - begun).toBeLessThan(5_000)
    expect(compilePattern('a|b')('ab')).toBe(false)
    for (const foreign of ['(a)\\1', '(?=a)', '(?<!a)b', '(', '[z-a]'])
      expect(() => compilePattern(foreign)).toThrow(/error parsing regexp/)
    expect(() => compilePattern('((a{1,100}){1,100}){1,100}')).toThrow(/invalid repeat count|too large/)
    expect(compilePattern('a*')('a'.repeat(4_097))).toBe(false)
  })
})
