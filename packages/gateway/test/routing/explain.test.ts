import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GatewayTable } from '../../src/drivers/driver.ts'
import { createGateway, type GatewayOptions } from '../../src/index.ts'
import { explainParams, explanation, type Explanation } from '../../src/routing/explain-model.ts'
import { Fixture } from '../../src/testing/index.ts'
import { namedPool, type Seen } from '../../src/testing/suites/named-pools.ts'

describe('explain', () => {
  let fixture: Fixture
  beforeEach(() => (fixture = new Fixture(createGateway)))
  afterEach(() => fixture.close())

  const start = async (options: GatewayOptions = {}): Promise<void> => {
    const pools = []
    for (const name of ['web', 'next', 'api', 'admin', 'empty'])
      pools.push(name === 'empty' ? { name, backends: [] } : await namedPool(fixture, name))
    const table: GatewayTable = {
      pools,
      routes: [
        {
          prefix: '/',
          pool: 'web',
          split: {
            name: 'look',
            kind: 'ab',
            parts: [
              { pool: 'web', share: 50 },
              { pool: 'next', share: 50 },
            ],
          },
        },
        { prefix: '/api', pool: 'api', stripPrefix: true, rateLimit: { perSecond: 5, burst: 10 } },
        { prefix: '/api', pool: 'api', methods: ['POST'], headers: [{ name: 'x-v', value: '2' }] },
        { prefix: '/alps', pool: 'web', countries: ['AT'], mirror: { pool: 'next', share: 5 } },
        { prefix: '/admin', pool: 'admin', access: 'loopback' },
        { prefix: '/empty', pool: 'empty' },
        { prefix: '/', pool: 'admin', host: 'admin.test', methods: ['GET'] },
      ],
    }
    await fixture.start(table, options)
  }
  const ask = async (request: object): Promise<Explanation> =>
    explanation.parse(await fixture.engine.explain!(explainParams.parse(request)))

  it('says what really happens: the same part, the same path and headers', async () => {
    await start()
    for (let place = 0; place < 10_000; place += 1_111) {
      const headers = { cookie: `millrace_ab_look=${place}; own=1`, 'user-agent': 'test' }
      const said = await ask({ url: '/shop?x', headers, client: '127.0.0.1' })
      const { name, url } = JSON.parse((await fixture.ask('/shop?x', { headers })).text) as Seen
      expect(said.split).toMatchObject({ name: 'look', part: name, place, placeFrom: 'cookie' })
      expect(said.sent).toMatchObject({ path: url, headers: { 'x-millrace-split': `look=${name}` } })
    }
  })

  it('names the routes that lost, and why', async () => {
    await start()
    const { candidates, sent, pool, outcome } = await ask({
      url: 'https://shop.test/api/1',
      method: 'DELETE',
    })
    expect(candidates).toEqual([
      { host: '*', prefix: '/api', application: 'api', lost: 'method DELETE' },
      { host: '*', prefix: '/api', application: 'api', lost: null },
    ])
    expect(sent).toMatchObject({ path: '/1', headers: { 'x-forwarded-prefix': '/api', host: 'shop.test' } })
    expect(pool).toMatchObject({
      name: 'api',
      rateLimit: expect.stringContaining('5 a second'),
      backends: [{ why: 'up' }],
    })
    expect(outcome).toMatch(/^forwarded to api: 1 of 1/)
    expect((await ask({ url: 'http://admin.test/', method: 'POST' })).candidates[0]).toMatchObject({
      host: 'admin.test',
      lost: 'method POST',
    })
  })

  it('says who is asked for a country, and whose address counts', async () => {
    await start({ trustedProxies: ['10.0.0.0/8'], geography: { countryHeader: 'cf-ipcountry' } })
    const headers = { 'cf-ipcountry': 'AT', 'x-forwarded-for': '203.0.113.9' }
    const said = await ask({ url: '/alps', headers, client: '10.0.0.1' })
    expect(said).toMatchObject({
      request: { client: '203.0.113.9', country: 'AT' },
      mirror: { application: 'next', share: 5 },
    })
    const stranger = await ask({ url: '/alps', headers })
    expect(stranger.request).toMatchObject({ client: '192.0.2.1', country: null })
    expect(stranger.candidates[0]!.lost).toBe('country not known')
  })

  it.each([
    [{ url: '/admin' }, '404: the route is for this machine only'],
    [{ url: '/admin', client: '127.0.0.1' }, 'forwarded to admin'],
    [{ url: '/', headers: { host: 'a b' } }, '400: the Host'],
    [{ url: '/', headers: { 'content-length': '999999999' } }, '413'],
    [{ url: 'ftp://x/' }, '400: the URL'],
    [{ url: '/empty' }, 'waits for an instance of empty'],
  ])('%j: %s', async (request, outcome) => {
    await start()
    expect((await ask(request)).outcome).toContain(outcome)
  })

  it('404 without a route; nothing is counted', async () => {
    await fixture.start({ routes: [], pools: [] })
    expect((await ask({ url: '/x' })).outcome).toBe('404: no route matches')
    expect((await fixture.engine.stats()).requests).toBe(0)
  })
})
