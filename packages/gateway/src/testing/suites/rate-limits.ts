import { expect, it } from 'vitest'
import type { GatewayTable, RateLimit } from '../../drivers/driver.ts'
import type { EngineSuitePart } from '../engine-suite.ts'
import { eventually } from '../fixture.ts'
import { talliedPool } from './tallied-pools.ts'

/** Slow enough that nothing comes back in the time of a test. */
const SLOW: RateLimit = { perSecond: 0.01, burst: 3 }

const limited = (table: GatewayTable, rateLimit: RateLimit): GatewayTable => ({
  ...table,
  routes: table.routes.map((route) => ({ ...route, rateLimit })),
})

export const rateLimitsSuite: EngineSuitePart = (fixture) => {
  const statuses = async (
    count: number,
    headers: (index: number) => Record<string, string>,
  ): Promise<number[]> => {
    const answers: number[] = []
    for (let i = 0; i < count; i++) answers.push((await fixture().ask('/', { headers: headers(i) })).status)
    return answers
  }

  it('429 with Retry-After beyond the burst, and what is left said with every answer', async () => {
    const pool = await talliedPool(fixture(), [undefined])
    if (!(await fixture().startWith('rateLimit', limited(pool.table, SLOW)))) return
    const answers = []
    for (let i = 0; i < 4; i++) answers.push(await fixture().ask('/'))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429])
    expect(pool.counts).toEqual([3])
    expect(answers[0]!.headers['ratelimit-policy']).toBe('"client";q=3;w=300')
    expect(answers[0]!.headers['ratelimit']).toMatch(/^"client";r=2;t=\d+$/)
    const refused = answers[3]!
    expect(refused.headers['ratelimit']).toMatch(/^"client";r=0;t=(?:100|99)$/)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(98)
    expect(refused.headers['cache-control']).toBe('no-store')
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'GATEWAY_RATE_LIMITED', status: 429 })
  })

  it('for each client apart: by address as trusted proxies say it, or by a header', async () => {
    const pool = await talliedPool(fixture(), [undefined])
    const options = { trustedProxies: ['loopback'] }
    if (!(await fixture().startWith('rateLimit', limited(pool.table, SLOW), options))) return
    const from = (address: string) => () => ({ 'x-forwarded-for': address })
    expect(await statuses(4, from('192.0.2.1'))).toEqual([200, 200, 200, 429])
    expect(await statuses(4, from('192.0.2.2'))).toEqual([200, 200, 200, 429])
    expect(await statuses(4, (index) => ({ 'x-forwarded-for': `2001:db8::${index + 1}` }))).toEqual([
      200, 200, 200, 429,
    ])
    await fixture().engine.update(limited(pool.table, { ...SLOW, by: 'header:X-Api-Key' }))
    expect(await statuses(4, () => ({ 'x-api-key': 'one' }))).toEqual([200, 200, 200, 429])
    expect(await statuses(1, () => ({ 'x-api-key': 'two' }))).toEqual([200])
    expect(await statuses(4, () => ({}))).toEqual([200, 200, 200, 429])
  })

  it('what visitors claim about their address does not help them', async () => {
    const pool = await talliedPool(fixture(), [undefined])
    if (!(await fixture().startWith('rateLimit', limited(pool.table, SLOW)))) return
    expect(await statuses(4, (index) => ({ 'x-forwarded-for': `192.0.2.${index}` }))).toEqual([
      200, 200, 200, 429,
    ])
  })

  it('goes on over a new table with the same limit', async () => {
    const pool = await talliedPool(fixture(), [undefined])
    if (!(await fixture().startWith('rateLimit', limited(pool.table, SLOW)))) return
    expect(await statuses(3, () => ({}))).toEqual([200, 200, 200])
    await fixture().engine.update(structuredClone(limited(pool.table, SLOW)))
    expect(await statuses(1, () => ({}))).toEqual([429])
    await fixture().engine.update(pool.table)
    expect(await statuses(5, () => ({}))).toEqual([200, 200, 200, 200, 200])
  })

  it('of a backend: what is beyond it goes to another, or waits', async () => {
    const pool = await talliedPool(fixture(), [undefined])
    const table = pool.with({ rateLimit: { perSecond: 20, burst: 2 } })
    if (!(await fixture().startWith('rateLimit', table))) return
    const startedAt = performance.now()
    const answers = await Promise.all(Array.from({ length: 6 }, () => fixture().ask('/')))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
    // Two at once, and four at 20 a second.
    expect(performance.now() - startedAt).toBeGreaterThan(190)
  })

  it('of a backend: who waits too long is refused', async () => {
    const pool = await talliedPool(fixture(), [undefined])
    const table = pool.with({ rateLimit: { perSecond: 0.1, burst: 1 } })
    if (!(await fixture().startWith('rateLimit', table, { timeouts: { queueMs: 200 } }))) return
    expect((await fixture().ask('/')).status).toBe(200)
    const refused = await fixture().ask('/')
    expect(refused.status).toBe(503)
    expect(refused.headers['retry-after']).toBeDefined()
  })

  it('connections of one address', async () => {
    const pool = await talliedPool(fixture(), [undefined])
    await fixture().start(pool.table, { limits: { clientConnections: 2 } })
    const open = [await fixture().connect(), await fixture().connect()]
    await expect.poll(async () => (await fixture().engine.stats()).connections).toBe(2)
    // Refused so soon that it does not even look open, or closed without a word.
    const third = await fixture()
      .connect()
      .catch(() => undefined)
    await eventually(() => third === undefined || third.closed !== undefined, 'the third is closed')
    open[0]!.destroy()
    await expect.poll(async () => (await fixture().engine.stats()).connections).toBe(1)
    const fourth = await fixture().connect()
    fourth.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await fourth.until((text) => text.includes('app/1'))
  })

  it('limits that make no sense are refused, each by name', async () => {
    const pool = await talliedPool(fixture(), [undefined])
    if (!(await fixture().startWith('rateLimit', limited(pool.table, SLOW)))) return
    const wrong = limited(pool.with({ rateLimit: { perSecond: 0, burst: 1 } }), {
      perSecond: Number.NaN,
      burst: 0.5,
      by: 'header:a b',
    })
    await expect(fixture().engine.update(wrong)).rejects.toMatchObject({
      details: {
        problems: [
          expect.stringMatching(/pool 'app': rateLimit.perSecond/),
          expect.stringMatching(/route '\/': rateLimit.perSecond/),
          expect.stringMatching(/rateLimit.burst/),
          expect.stringMatching(/rateLimit.by/),
        ],
      },
    })
  })
}
