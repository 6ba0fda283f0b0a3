import { MetricRegistry } from '@millrace/core/metrics'
import { waitFor } from '@millrace/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryStore, type MemoryStore } from '../../src/drivers/memory.ts'
import type { Invalidation, Notice, SharedStore } from '../../src/drivers/driver.ts'
import type { RegionRelayOptions } from '../../src/regions/options.ts'
import { createRegionRelay, type RegionRelay } from '../../src/regions/relay.ts'

interface Region {
  store: MemoryStore
  /** A process of the region: what it hears, and its driver. */
  driver: SharedStore
  heard: Notice[]
}

async function region(): Promise<Region> {
  const store = createMemoryStore()
  const driver = store.driver({ origin: 'process' })
  const heard: Notice[] = []
  await driver.connect()
  await driver.follow({
    onNotices: (notices) => heard.push(...notices),
    onGap: () => undefined,
    onConnection: () => undefined,
  })
  onTestFinished(() => driver.close())
  return { store, driver, heard }
}

async function relay(
  regions: Record<string, Region>,
  options: Partial<RegionRelayOptions> = {},
): Promise<RegionRelay> {
  const made = await createRegionRelay({
    regions: Object.entries(regions).map(([name, { store }]) => ({
      name,
      store: (origin) => store.driver({ origin }),
    })),
    onStart: 'trust',
    retryBaseMs: 2,
    retryMaxMs: 5,
    registry: new MetricRegistry(),
    ...options,
  })
  onTestFinished(() => made.close())
  return made
}

const written = ({ heard }: Region): Invalidation[] => heard.map(({ what }) => what)
const record = (key: string, version: number) => ({ key, version, payload: Buffer.from('x'), ttlMs: 60_000 })

describe('a relay between regions', () => {
  it('carries keys, tags and patterns into every other region, and its own writings no further', async () => {
    const [eu, us, asia] = [await region(), await region(), await region()]
    const between = await relay({ eu, us, asia })
    const version = (await us.driver.stamps([])).version
    await us.driver.write([record('N:1', version), record('P:1', version)])
    await eu.driver.invalidate({ kind: 'keys', keys: ['N:1'] })
    await eu.driver.invalidate({ kind: 'stamps', names: ['t:a'] })
    await asia.driver.invalidate({ kind: 'pattern', pattern: 'P:*' })
    await waitFor(() => written(us).length === 3)
    expect(written(us)).toEqual(
      expect.arrayContaining([
        { kind: 'keys', keys: ['N:1'] },
        { kind: 'stamps', names: ['t:a'] },
        { kind: 'pattern', pattern: 'P:*' },
      ]),
    )
    await waitFor(() => written(eu).length === 3 && written(asia).length === 3)
    const { records, stamps } = await us.driver.read(['N:1'], ['t:a'])
    expect(records).toEqual([undefined])
    expect(stamps[0]).toBeGreaterThan(version)
    await waitFor(async () => (await us.driver.list('P:*', { limit: 1, maxScanned: 10 })).keys.length === 0)
    await between.flush()
    expect(between.stats().map(({ taken }) => taken)).toEqual([1, 3, 2])
    expect(between.stats().every(({ following }) => following)).toBe(true)
  })

  it('walks through a store for one pattern at a time', async () => {
    const [eu, us] = [await region(), await region()]
    let sweeping = 0
    let most = 0
    const swept: string[] = []
    const watched = (origin: string): SharedStore => {
      const store = us.store.driver({ origin })
      const sweep = store.sweep.bind(store)
      store.sweep = async (pattern, signal) => {
        most = Math.max(most, ++sweeping)
        await new Promise(setImmediate)
        sweeping--
        swept.push(pattern)
        return sweep(pattern, signal)
      }
      return store
    }
    const between = await createRegionRelay({
      regions: [
        { name: 'eu', store: (origin) => eu.store.driver({ origin }) },
        { name: 'us', store: watched },
      ],
      onStart: 'trust',
      registry: new MetricRegistry(),
    })
    onTestFinished(() => between.close())
    for (let i = 0; i < 50; i++) await eu.driver.invalidate({ kind: 'pattern', pattern: `P:${i}*` })
    await waitFor(() => swept.length === 50)
    expect([most, new Set(swept).size]).toEqual([1, 50])
  })

  it('may run twice, which changes nothing', async () => {
    const [eu, us] = [await region(), await region()]
    const first = await relay({ eu, us })
    const second = await relay({ eu, us })
    for (let index = 0; index < 20; index++) {
      await eu.driver.invalidate({ kind: 'keys', keys: [`N:${index}`] })
      await us.driver.invalidate({ kind: 'stamps', names: [`t:${index}`] })
    }
    const total = (region: Region): number =>
      written(region).reduce((sum, what) => sum + (what.kind === 'keys' ? what.keys.length : 0), 0)
    await waitFor(() => total(us) === 40)
    await first.flush()
    await second.flush()
    // Each region: its own, and one copy from each relay; an echo would go on for ever.
    expect(total(us)).toBe(40)
    expect(total(eu)).toBe(20)
  })

  it('keeps what a region misses while it is away, each once, and catches up with its log afterwards', async () => {
    const [eu, us] = [await region(), await region()]
    const between = await relay({ eu, us })
    us.store.disconnect()
    for (let index = 0; index < 30; index++)
      await eu.driver.invalidate({ kind: 'keys', keys: [`N:${index % 3}`] })
    await waitFor(() => between.stats()[1]!.lastError !== undefined)
    expect(between.stats()[1]).toMatchObject({ following: false, pending: 3, taken: 0 })
    us.store.reconnect()
    await waitFor(() => written(us).length > 0)
    await between.flush()
    expect(new Set(written(us).flatMap((what) => (what.kind === 'keys' ? what.keys : [])))).toEqual(
      new Set(['N:0', 'N:1', 'N:2']),
    )
    await us.driver.invalidate({ kind: 'keys', keys: ['back'] })
    await waitFor(() => written(eu).some((what) => what.kind === 'keys' && what.keys.includes('back')))
  })

  it('makes everything in the other regions stale when a log has lost its history', async () => {
    const [eu, us] = [await region(), await region()]
    const between = await relay({ eu, us })
    eu.store.disconnect()
    await waitFor(() => !between.stats()[0]!.following)
    eu.store.loseHistory()
    eu.store.reconnect()
    await waitFor(() => written(us).length > 0)
    expect(written(us)).toEqual([{ kind: 'stamps', names: ['*'] }])
    expect(between.stats()[1]).toMatchObject({ collapsed: 1 })
  })

  it('makes a region stale as a whole when it missed too much', async () => {
    const [eu, us] = [await region(), await region()]
    const between = await relay({ eu, us }, { maxPending: 10 })
    us.store.disconnect()
    for (let index = 0; index < 30; index++)
      await eu.driver.invalidate({ kind: 'keys', keys: [`N:${index}`] })
    await waitFor(() => between.stats()[1]!.collapsed > 0)
    us.store.reconnect()
    await waitFor(() => written(us).length > 0)
    expect(written(us)).toEqual([{ kind: 'stamps', names: ['*'] }])
  })

  it('trusts nothing that it did not hear, unless told to', async () => {
    const [eu, us] = [await region(), await region()]
    const between = await relay({ eu, us }, { onStart: 'invalidate' })
    await between.flush()
    await waitFor(() => written(eu).length === 1 && written(us).length === 1)
    expect(written(us)).toEqual([{ kind: 'stamps', names: ['*'] }])
  })

  it.each([
    ['one region', 1, {}],
    ['a bound of nothing', 2, { maxPending: 0 }],
  ])('refuses %s', async (_, count, options) => {
    const all = { eu: await region(), us: await region() }
    const some = Object.fromEntries(Object.entries(all).slice(0, count))
    await expect(relay(some, options)).rejects.toMatchObject({ code: 'CACHE_OPTION_INVALID' })
  })
})
