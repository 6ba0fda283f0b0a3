import type { Purger } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import type { TierReport } from '../../src/platform/purge-report.ts'
import type { ReportedPoint } from './reported-metrics.ts'
import { fill, setUpPlatform } from './set-up.ts'

const brief = (tiers: readonly TierReport[]) =>
  tiers.map(({ tier, keyspace, outcome, entries }) => [tier, keyspace, outcome, entries])

const stale = async (store: Parameters<typeof fill>[0], name: string): Promise<boolean> => {
  const driver = store.driver()
  await driver.connect()
  const { stamps } = await driver.stamps([name])
  await driver.close()
  return stamps[0]! > 0
}

describe('looking', () => {
  it('counts what would go in every keyspace, names some of it, and changes nothing', async () => {
    const { purge, stores, cache, announced } = setUpPlatform({ keyspaces: ['shop', 'user'] })
    await fill(stores.shop!, ['PRODUCTS:1', 'PRODUCTS:2', 'SEARCH_RESULTS:a'])
    await fill(stores.user!, ['USER_PROFILE:1'])
    await cache.set('PRODUCTS', 'own', 1)
    const report = await purge({ namespace: 'PRODUCTS', preview: true })
    expect(report).toMatchObject({ preview: true, scope: 'the namespace PRODUCTS' })
    expect(brief(report.tiers)).toEqual([
      ['shared', 'shop', 'would-purge', 2],
      ['memory', 'control-plane', 'would-purge', 1],
    ])
    expect(report.sampleKeys).toEqual(['PRODUCTS:1', 'PRODUCTS:2'])
    expect(cache.has('PRODUCTS', 'own')).toBe(true)
    expect(await stale(stores.shop!, 'n:PRODUCTS')).toBe(false)
    expect(announced).toEqual([])
  })

  it('finds a single key without a search', async () => {
    const { purge, stores } = setUpPlatform({ keyspaces: ['shop'] })
    await fill(stores.shop!, ['PRODUCTS:1'])
    const found = await purge({ namespace: 'PRODUCTS', id: '1', preview: true })
    expect(brief(found.tiers)).toEqual([['shared', 'shop', 'would-purge', 1]])
    const missing = await purge({ namespace: 'PRODUCTS', id: '2', preview: true })
    expect(missing.tiers).toEqual([])
  })

  it('reads some records to count who carries a tag, and finds nobody among garbage', async () => {
    const { purge, stores } = setUpPlatform({ keyspaces: ['shop'] })
    await fill(stores.shop!, ['PRODUCTS:1'])
    expect((await purge({ tags: ['product:1'], preview: true })).tiers).toEqual([])
  })

  it('counts the variants of an address, and what is below one, where the gateway shares them', async () => {
    const { purge, stores } = setUpPlatform({ keyspaces: ['http', 'shop'] })
    const keys = ['/img/1', '/img/1 en', '/img/12', '/2'].map((path) => `http:https://shop.example${path}`)
    await fill(stores.http!, keys)
    const one = await purge({ url: 'https://shop.example/img/1', preview: true })
    expect(brief(one.tiers)).toEqual([['shared', 'http', 'would-purge', 2]])
    const below = await purge({ prefix: 'https://shop.example/img/', preview: true })
    expect(brief(below.tiers)).toEqual([['shared', 'http', 'would-purge', 3]])
    const done = await purge({ prefix: 'https://shop.example/img/' })
    expect(done.tiers).toEqual([])
  })

  it('reports what processes told of their memory, as an estimate', async () => {
    const labels = { service: 'shop', namespace: 'PRODUCTS' }
    const reported: ReportedPoint[] = [
      { metric: 'millrace_cache_entries', value: 40, labels: { ...labels, instance: 'shop/1' } },
      { metric: 'millrace_cache_entries', value: 2, labels: { ...labels, instance: 'shop/2' } },
      { metric: 'millrace_cache_follower_up', value: 1, labels: { service: 'shop', instance: 'shop/1' } },
      { metric: 'millrace_cache_follower_up', value: 1, labels: { service: 'shop', instance: 'shop/2' } },
      { metric: 'millrace_cache_entries', value: 7, labels: { service: 'blog', namespace: 'PRODUCTS' } },
    ]
    const { purge } = setUpPlatform({ keyspaces: ['shop'], reported })
    const { tiers } = await purge({ namespace: 'PRODUCTS', preview: true })
    expect(brief(tiers)).toEqual([
      ['memory', 'blog', 'unreached', 7],
      ['memory', 'shop', 'would-purge', 42],
    ])
    expect(tiers.map(({ exact }) => exact)).toEqual([false, false])
  })
})

describe('purging', () => {
  it('makes a namespace stale in every keyspace and in this process', async () => {
    const { purge, stores, cache } = setUpPlatform({ keyspaces: ['shop', 'user'] })
    await cache.set('PRODUCTS', 'own', 1)
    const { tiers } = await purge({ namespace: 'PRODUCTS' })
    expect(brief(tiers)).toEqual([
      ['shared', 'shop', 'purged', null],
      ['shared', 'user', 'purged', null],
      ['memory', 'control-plane', 'purged', 1],
    ])
    expect(cache.has('PRODUCTS', 'own')).toBe(false)
    expect(await stale(stores.shop!, 'n:PRODUCTS')).toBe(true)
    expect(await stale(stores.user!, 'n:PRODUCTS')).toBe(true)
  })

  it('concerns one keyspace when one is named', async () => {
    const { purge, stores, cache } = setUpPlatform({ keyspaces: ['shop', 'user'] })
    await cache.set('A', '1', 1)
    const { scope } = await purge({ all: true, keyspace: 'user' })
    expect(scope).toBe('everything in user')
    expect(await stale(stores.user!, '*')).toBe(true)
    expect(await stale(stores.shop!, '*')).toBe(false)
    expect(cache.has('A', '1')).toBe(true)
  })

  it('removes what a pattern matches and says how many', async () => {
    const { purge, stores } = setUpPlatform({ keyspaces: ['shop'] })
    await fill(stores.shop!, ['PRODUCTS:eu-1', 'PRODUCTS:eu-2', 'PRODUCTS:us-1'])
    const { tiers } = await purge({ pattern: 'PRODUCTS:eu-*' })
    expect(tiers[0]).toMatchObject({ tier: 'shared', outcome: 'purged', entries: 2, exact: true })
    const left = await purge({ pattern: 'PRODUCTS:*', preview: true })
    expect(left.sampleKeys).toEqual(['PRODUCTS:us-1'])
  })

  it('goes on where one keyspace is away, and says so', async () => {
    const { purge, stores } = setUpPlatform({ keyspaces: ['shop', 'user'] })
    stores.shop!.disconnect()
    const { tiers } = await purge({ tags: ['product:1'] })
    expect(brief(tiers)).toEqual([
      ['shared', 'shop', 'failed', null],
      ['shared', 'user', 'purged', null],
    ])
    expect(tiers[0]!.note).toContain('away')
    expect(await stale(stores.user!, 't:product:1')).toBe(true)
  })

  it('tells the caches outside what concerns them', async () => {
    const { purge, announced } = setUpPlatform()
    await purge({ tags: ['a'], soft: true })
    await purge({ url: 'https://shop.example/1' })
    await purge({ prefix: 'https://shop.example/img/' })
    await purge({ all: true })
    await purge({ namespace: 'PRODUCTS' })
    expect(announced).toEqual([
      { tags: ['a'], soft: true },
      { urls: ['https://shop.example/1'] },
      { prefixes: ['https://shop.example/img/'] },
      { all: true },
    ])
  })

  it('leaves what is only to be marked as stale to those who hold it', async () => {
    const { purge, stores } = setUpPlatform({ keyspaces: ['http', 'shop'] })
    await purge({ tags: ['a'], soft: true })
    expect(await stale(stores.http!, 't:a')).toBe(false)
    expect(await stale(stores.shop!, 't:a')).toBe(true)
    await purge({ tags: ['a'] })
    expect(await stale(stores.http!, 't:a')).toBe(true)
  })

  it('reports the gateway only when it has a cache', async () => {
    const reported = [
      { metric: 'millrace_gateway_cache_entries', value: 12, labels: { instance: 'gateway/1' } },
    ]
    const { purge } = setUpPlatform({ reported })
    const everything = await purge({ all: true, preview: true })
    expect(brief(everything.tiers)).toEqual([['http', 'gateway', 'would-purge', 12]])
    const one = await purge({ url: 'https://shop.example/1' })
    expect(brief(one.tiers)).toEqual([['http', 'gateway', 'requested', null]])
  })
})

describe('the edge', () => {
  const edge = (fails = false) => {
    const calls: unknown[] = []
    const call = async (...what: unknown[]): Promise<void> => {
      if (fails) throw new Error('the edge answered 503')
      calls.push(what)
    }
    const purger: Purger = {
      name: 'fastly',
      limits: { keysPerCall: 2, urlsPerCall: 1 },
      purgeKeys: (keys) => call('keys', ...keys),
      purgeUrls: (urls) => call('urls', ...urls),
      purgeAll: () => call('all'),
    }
    return { calls, purger }
  }

  it('is purged last, in portions that it takes', async () => {
    const { purge, ports } = setUpPlatform({ keyspaces: ['shop'] })
    const { purger, calls } = edge()
    ports.provide('purger', purger)
    const { tiers } = await purge({ tags: ['a', 'b', 'c'] })
    expect(calls).toEqual([
      ['keys', 'a', 'b'],
      ['keys', 'c'],
    ])
    expect(brief(tiers).at(-1)).toEqual(['edge', 'fastly', 'purged', null])
  })

  it('is only asked when looking, and has no part in namespaces', async () => {
    const { purge, ports } = setUpPlatform()
    const { purger, calls } = edge()
    ports.provide('purger', purger)
    const { tiers } = await purge({ all: true, preview: true })
    expect(brief(tiers)).toEqual([['edge', 'fastly', 'would-purge', null]])
    expect((await purge({ namespace: 'PRODUCTS' })).tiers).toEqual([])
    expect(calls).toEqual([])
  })

  it('may fail without the rest failing, and cannot purge below an address', async () => {
    const { purge, ports } = setUpPlatform({ keyspaces: ['shop'] })
    ports.provide('purger', edge(true).purger)
    const { tiers } = await purge({ all: true })
    expect(brief(tiers)).toEqual([
      ['shared', 'shop', 'purged', null],
      ['edge', 'fastly', 'failed', null],
    ])
    const below = await purge({ prefix: 'https://shop.example/img/' })
    expect(brief(below.tiers)).toEqual([['edge', 'fastly', 'unreached', null]])
  })
})
