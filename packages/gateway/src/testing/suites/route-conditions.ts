import { describe, expect, it } from 'vitest'
import type { PoolEntry, RouteEntry } from '../../drivers/driver.ts'
import type { GatewayOptions } from '../../drivers/node.ts'
import type { EngineSuitePart } from '../engine-suite.ts'
import { namedPool, whoAnswers } from './named-pools.ts'

export const routeConditionsSuite: EngineSuitePart = (fixture) => {
  const start = async (routes: RouteEntry[], options: GatewayOptions = {}): Promise<void> => {
    const names = [...new Set(routes.map(({ pool }) => pool))]
    const pools: PoolEntry[] = []
    for (const name of names) pools.push(await namedPool(fixture(), name))
    await fixture().start({ routes, pools }, options)
  }
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<string> =>
    whoAnswers(fixture(), path, { headers, method })

  describe('by host', () => {
    const hosts: RouteEntry[] = [
      { prefix: '/', pool: 'any' },
      { prefix: '/', pool: 'exact', host: 'shop.example.org' },
      { prefix: '/', pool: 'wild', host: '*.example.org' },
      { prefix: '/', pool: 'deep', host: '*.eu.example.org' },
      { prefix: '/api', pool: 'api' },
      { prefix: '/only', pool: 'wild-only', host: '*.example.org' },
    ]

    it('the exact name, then the longest wildcard, then any', async () => {
      await start(hosts)
      const { port } = fixture()
      const expected: Record<string, string> = {
        'shop.example.org': 'exact',
        'SHOP.Example.ORG': 'exact',
        [`shop.example.org:${port}`]: 'exact',
        'shop.example.org.': 'exact',
        'www.example.org': 'wild',
        'a.b.example.org': 'wild',
        'a.eu.example.org': 'deep',
        'eu.example.org': 'wild',
        'example.org': 'any',
        'evilexample.org': 'any',
        'shop.example.org.evil.test': 'any',
        '127.0.0.1': 'any',
      }
      for (const [host, pool] of Object.entries(expected))
        expect([host, await ask('/x', { host })]).toEqual([host, pool])
    })

    it('a host’s own routes come before longer prefixes of any host, and what they lack comes from elsewhere', async () => {
      await start(hosts)
      expect(await ask('/api/1', { host: 'shop.example.org' })).toBe('exact')
      expect(await ask('/api/1', { host: 'other.test' })).toBe('api')
      expect(await ask('/only', { host: 'www.example.org' })).toBe('wild-only')
    })

    it('404 for a host that has no route', async () => {
      await start([{ prefix: '/', pool: 'exact', host: 'shop.example.org' }])
      expect(await ask('/', { host: 'other.test' })).toBe('404')
      expect(await ask('/', { host: 'shop.example.org' })).toBe('exact')
    })
  })

  it('by method, as it is written', async () => {
    await start([
      { prefix: '/', pool: 'read' },
      { prefix: '/', pool: 'write', methods: ['POST', 'PUT'] },
    ])
    expect(await ask('/', {}, 'POST')).toBe('write')
    expect(await ask('/', {}, 'PUT')).toBe('write')
    expect(await ask('/', {}, 'GET')).toBe('read')
    expect(await ask('/', {}, 'DELETE')).toBe('read')
  })

  it('by header: its value, its pattern as a whole, that it is there; all of them', async () => {
    await start([
      { prefix: '/', pool: 'rest' },
      { prefix: '/', pool: 'beta', headers: [{ name: 'X-Channel', value: 'beta' }] },
      { prefix: '/', pool: 'mobile', headers: [{ name: 'user-agent', pattern: '.*(Android|iPhone).*' }] },
      { prefix: '/', pool: 'debug', headers: [{ name: 'x-debug' }] },
      {
        prefix: '/',
        pool: 'both',
        headers: [
          { name: 'x-channel', value: 'beta' },
          { name: 'x-debug', value: '1' },
        ],
      },
    ])
    expect(await ask('/', { 'x-channel': 'beta' })).toBe('beta')
    expect(await ask('/', { 'x-channel': 'Beta' })).toBe('rest')
    expect(await ask('/', { 'x-channel': 'beta2' })).toBe('rest')
    expect(await ask('/', { 'user-agent': 'Mozilla (iPhone)' })).toBe('mobile')
    expect(await ask('/', { 'user-agent': 'iPad' })).toBe('rest')
    expect(await ask('/', { 'x-debug': 'whatever' })).toBe('debug')
    expect(await ask('/', { 'x-channel': 'beta', 'x-debug': '1' })).toBe('both')
  })

  it('a pattern takes time in proportion to what it is matched with', async () => {
    await start([
      { prefix: '/', pool: 'rest' },
      { prefix: '/', pool: 'evil', headers: [{ name: 'x-text', pattern: '(a+)+b' }] },
    ])
    const begun = performance.now()
    for (let i = 0; i < 20; i++) expect(await ask('/', { 'x-text': 'a'.repeat(4_000) })).toBe('rest')
    // A backtracking matcher would need longer than the universe has existed.
    expect(performance.now() - begun).toBeLessThan(5_000)
    expect(await ask('/', { 'x-text': 'aaab' })).toBe('evil')
  })

  it('by country, as trusted proxies say it', async () => {
    const routes: RouteEntry[] = [
      { prefix: '/', pool: 'rest' },
      { prefix: '/', pool: 'alps', countries: ['AT', 'CH'] },
    ]
    await start(routes, { trustedProxies: ['loopback'], geography: { countryHeader: 'CF-IPCountry' } })
    expect(await ask('/', { 'cf-ipcountry': 'AT' })).toBe('alps')
    expect(await ask('/', { 'cf-ipcountry': 'ch' })).toBe('alps')
    expect(await ask('/', { 'cf-ipcountry': 'DE' })).toBe('rest')
    expect(await ask('/')).toBe('rest')
  })

  it('by country: what strangers say does not count', async () => {
    await start(
      [
        { prefix: '/', pool: 'rest' },
        { prefix: '/', pool: 'alps', countries: ['AT'] },
      ],
      { geography: { countryHeader: 'CF-IPCountry' } },
    )
    expect(await ask('/', { 'cf-ipcountry': 'AT' })).toBe('rest')
  })

  it('refuses routes that are wrong, with every problem', async () => {
    await start([{ prefix: '/', pool: 'web' }])
    const pools = [{ name: 'web', backends: [] }]
    const problems = async (routes: RouteEntry[]): Promise<string> => {
      try {
        await fixture().engine.update({ routes, pools })
      } catch (error) {
        return (error as { details: { problems: string[] } }).details.problems.join('\n')
      }
      return ''
    }
    const wrong = await problems([
      { prefix: '/a', pool: 'web', host: 'shop.example:80' },
      { prefix: '/b', pool: 'web', methods: ['get'] },
      { prefix: '/c', pool: 'web', countries: ['Austria'] },
      { prefix: '/d', pool: 'web', headers: [{ name: 'x y' }] },
      { prefix: '/e', pool: 'web', headers: [{ name: 'x', pattern: '(?=a)' }] },
      { prefix: '/f', pool: 'web', headers: [{ name: 'x', pattern: 'a', value: 'a' }] },
      { prefix: '/g', pool: 'web', mirror: { pool: 'web', share: 101 } },
      { prefix: '/h', pool: 'web', methods: ['GET'] },
      { prefix: '/h/', pool: 'web', methods: ['GET'] },
    ])
    for (const part of ['/a', '/b', '/c', '/d', '/e', '/f', '/g', '/h/'])
      expect(wrong).toContain(`route '` + (part === '/a' ? `shop.example:80/a` : part))
    expect(wrong).toMatch(/host.*methods.*countries.*headers.*RE2.*both.*mirror\.share.*twice/s)
    expect(wrong.split('\n')).toHaveLength(8)
    expect(
      await problems([
        { prefix: '/h', pool: 'web' },
        { prefix: '/h', pool: 'web', methods: ['GET'] },
      ]),
    ).toBe('')
    const crowd = Array.from({ length: 101 }, (_, i) => ({
      prefix: '/',
      pool: 'web',
      headers: [{ name: 'x', value: String(i) }],
    }))
    expect(await problems(crowd)).toContain('more than 100 times')
  })
}
