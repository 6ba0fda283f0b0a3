import { expect, it } from 'vitest'
import type { GatewayTable, RouteEntry, Split } from '../../drivers/driver.ts'
import type { CachingFixture, CachingSuitePart } from './caching-suite.ts'

const CACHEABLE = { 'cache-control': 'max-age=60', 'content-type': 'text/plain' }

/** Several applications behind one address: what one answered is never given to those who asked another. */
export const splittingPart: CachingSuitePart = (fixture) => {
  const count = new Map<string, number>()
  const tableOf = async (
    route: Partial<RouteEntry>,
    others: readonly RouteEntry[] = [],
  ): Promise<GatewayTable> => {
    count.clear()
    const names = ['old', 'new']
    const pools = []
    for (const name of names) {
      const port = await fixture().backend((req, res) => {
        count.set(name, (count.get(name) ?? 0) + 1)
        if (req.url === '/fails' && name === 'new') res.writeHead(500).end()
        else res.writeHead(200, CACHEABLE).end(name)
      })
      pools.push({ name, backends: [{ id: `${name}/1`, host: '127.0.0.1', port }] })
    }
    return { routes: [{ prefix: '/', pool: 'old', ...route }, ...others], pools }
  }
  const splitOf = (kind: Split['kind'], share: number): Split => ({
    name: 'shop',
    kind,
    parts: [
      { pool: 'old', share: 100 - share },
      { pool: 'new', share },
    ],
  })
  const start = async (table: GatewayTable): Promise<void> => {
    const idle = await fixture().backend((_req, res) => res.end())
    await fixture().startCaching(idle)
    await fixture().engine.update(table)
  }
  const text = async (
    at: CachingFixture,
    headers: Record<string, string> = {},
    path = '/p',
  ): Promise<string> => (await at.ask(path, { headers })).text

  it('parts of an A/B test have answers of their own', async () => {
    await start(await tableOf({ split: splitOf('ab', 50) }))
    const inPart = (place: number) => text(fixture(), { cookie: `millrace_ab_shop=${place}` })
    for (let round = 0; round < 3; round++) {
      expect(await inPart(1_000)).toBe('old')
      expect(await inPart(9_000)).toBe('new')
    }
    // The gateway's own cookie is not a visitor's: both were answered from the cache.
    expect(Object.fromEntries(count)).toEqual({ old: 1, new: 1 })
  })

  it('a switch is seen at once, and so is the way back, although both are cached', async () => {
    const table = await tableOf({ split: splitOf('blue-green', 0) })
    const switchTo = (share: number) =>
      fixture().engine.update({
        ...table,
        routes: [{ ...table.routes[0]!, split: splitOf('blue-green', share) }],
      })
    await start(table)
    for (let round = 0; round < 3; round++) {
      expect(await text(fixture())).toBe('old')
      await switchTo(100)
      expect(await text(fixture())).toBe('new')
      await switchTo(0)
    }
    expect(Object.fromEntries(count)).toEqual({ old: 1, new: 1 })
  })

  it('what was cached before a split began belongs to the pool that had the route', async () => {
    const table = await tableOf({})
    await start(table)
    expect(await text(fixture())).toBe('old')
    await fixture().engine.update({
      ...table,
      routes: [{ ...table.routes[0]!, split: splitOf('canary', 100) }],
    })
    expect(await text(fixture())).toBe('new')
    await fixture().engine.update(table)
    expect(await text(fixture())).toBe('old')
  })

  it('what the stable part answered for a canary that failed is not the canary’s', async () => {
    const table = await tableOf({ split: splitOf('canary', 100) })
    await start(table)
    const ask = () => text(fixture(), {}, '/fails')
    expect(await ask()).toBe('old')
    expect(await ask()).toBe('old')
    expect(count.get('new')).toBe(2)
  })

  it('routes by header have answers of their own', async () => {
    await start(await tableOf({}, [{ prefix: '/', pool: 'new', headers: [{ name: 'x-beta', value: '1' }] }]))
    for (let round = 0; round < 2; round++) {
      expect(await text(fixture())).toBe('old')
      expect(await text(fixture(), { 'x-beta': '1' })).toBe('new')
    }
    expect(Object.fromEntries(count)).toEqual({ old: 1, new: 1 })
  })

  it('a purge by address forgets the answers of all parts', async () => {
    await start(await tableOf({ split: splitOf('ab', 50) }))
    const inPart = (place: number) => text(fixture(), { cookie: `millrace_ab_shop=${place}` })
    await inPart(1_000)
    await inPart(9_000)
    await fixture().engine.purge({ paths: ['/p'] })
    await inPart(1_000)
    await inPart(9_000)
    expect(Object.fromEntries(count)).toEqual({ old: 2, new: 2 })
    // And so does a change through either of them (RFC 9111, section 4.4).
    await fixture().ask('/p', { method: 'POST', headers: { cookie: 'millrace_ab_shop=1' } })
    await inPart(1_000)
    await inPart(9_000)
    expect(Object.fromEntries(count)).toEqual({ old: 4, new: 3 })
  })
}
