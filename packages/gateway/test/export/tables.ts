import * as fc from 'fast-check'
import type { GatewayTable } from '../../src/drivers/driver.ts'
import { checkTable } from '../../src/drivers/check-table.ts'

const NASTY = ['"', "'", '\\', '$', '{', '}', ';', '#', '\n', '\r', '\u0000', ' ', '\t', '|', '`', '%', '~', '@', ':', '-', '…', 'é', '\u2028', '&', '*', '!', '<', '[', ']', '(', ')'] // prettier-ignore
const word = (excluded: RegExp): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(fc.constantFrom(...NASTY), fc.constantFrom('a', 'B', '0', 'server', 'yes', 'null', '$uri')),
      {
        minLength: 1,
        maxLength: 8,
      },
    )
    .map((parts) => parts.join('').replaceAll(excluded, ''))

const name = word(/$^/g)
const prefix = word(/[\s?#]/g).map((text) => `/${text}`)
const header = fc.oneof(
  fc.record({ name: fc.constantFrom('x-a', 'X-B', 'x_c', "x!'d") }),
  fc.record({ name: fc.constantFrom('x-a', 'x-b'), value: word(/$^/g) }),
  fc.record({
    name: fc.constantFrom('x-a', 'x-b'),
    pattern: fc.constantFrom(
      'a+|b"',
      '(?i)x{1,2}',
      "[[:alpha:];']",
      '(?P<uri>.)\\$',
      '\\Q";}\\E',
      '[^]a[]',
      'é|\\pL',
      '{;}',
    ),
  }),
)

/** Tables that the gateway takes, with names, paths and conditions as a hostile hand would choose them. */
export const hostileTable: fc.Arbitrary<GatewayTable> = fc
  .record({
    names: fc.uniqueArray(name, { minLength: 2, maxLength: 4 }),
    routes: fc.array(
      fc.record(
        {
          prefix,
          stripPrefix: fc.boolean(),
          access: fc.constantFrom('any' as const, 'loopback' as const),
          host: fc.constantFrom('a.example', '*.example', '_', '[::1]', 'A.b.example'),
          methods: fc.constantFrom(['GET'], ["M'$%"], ['POST', 'GET']),
          headers: fc.array(header, { maxLength: 3 }),
          countries: fc.constantFrom(['AT'], ['XX']),
          rateLimit: fc.record({
            perSecond: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
            burst: fc.integer({ min: 1, max: 1_000_000 }),
            by: fc.constantFrom('client' as const, 'header:x-key' as const, 'header:x!y' as const),
          }),
          split: fc.record({
            kind: fc.constantFrom('canary' as const, 'ab' as const),
            share: fc.integer({ min: 0, max: 100 }),
          }),
          mirror: fc.record({ share: fc.double({ min: 0, max: 100, noNaN: true }) }),
        },
        { requiredKeys: ['prefix'] },
      ),
      { minLength: 1, maxLength: 6 },
    ),
    balance: fc.constantFrom(
      'round-robin',
      'ip-hash',
      'two-choices',
      'least-response-time',
      'least-connections',
    ),
    backend: word(/$^/g),
    weight: fc.double({ min: 0.001, max: 1e9, noNaN: true }),
    protocol: fc.constantFrom('http' as const, 'https' as const),
  })
  .map(({ names, routes, balance, backend, weight, protocol }): GatewayTable => ({
    routes: routes.map(({ split, mirror, ...route }, at) => ({
      ...route,
      pool: names[at % names.length]!,
      ...(mirror === undefined ? {} : { mirror: { ...mirror, pool: names[0]! } }),
      ...(split === undefined
        ? {}
        : {
            split: {
              name: `s${at}`,
              kind: split.kind,
              parts: [
                { pool: names[at % names.length]!, share: split.share },
                { pool: names[(at + 1) % names.length]!, share: 100 - split.share },
              ],
            },
          }),
    })),
    pools: names.map((pool, at) => ({
      name: pool,
      balance: balance as 'ip-hash',
      backends:
        at === 3
          ? []
          : [
              {
                id: `${pool}${backend}`,
                host: at === 1 ? `${backend};` : '127.0.0.1',
                port: 4_000 + at,
                weight,
                protocol,
              },
              { id: `${pool} 6${at}`, host: '::1', port: 5_000 + at, state: 'draining' as const, protocol },
            ],
    })),
  }))
  .filter((table) => {
    try {
      // The exporters look at hosts themselves.
      const pools = table.pools.map((pool) => ({
        ...pool,
        backends: pool.backends.map((backend) => ({ ...backend, host: '127.0.0.1' })),
      }))
      checkTable({ ...table, pools })
      return true
    } catch {
      return false
    }
  })
