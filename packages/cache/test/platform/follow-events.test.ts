import { silentLogger, type PurgeEvent } from '@millrace/core'
import { expect, it, onTestFinished } from 'vitest'
import { waitFor } from '@millrace/testing'
import { followEvents } from '../../src/platform/follow-events.ts'
import type { MemoryStore } from '../../src/drivers/memory.ts'
import { setUpPlatform } from './set-up.ts'

function follow() {
  const platform = setUpPlatform({ keyspaces: ['control-plane', 'shop', 'http'] })
  const own = new WeakSet<object>()
  const { cache, shared, events } = platform
  onTestFinished(followEvents({ cache, shared, events, logger: silentLogger, own }))
  return { ...platform, own }
}

async function stampOf(store: MemoryStore, name: string): Promise<number> {
  const driver = store.driver()
  await driver.connect()
  const { stamps } = await driver.stamps([name])
  await driver.close()
  return stamps[0]!
}

it('makes stale everywhere what somebody says has changed', async () => {
  const { events, cache, stores } = follow()
  await cache.set('PRODUCTS', '1', 1, { tags: ['product:1'] })
  events.emit('data.changed', { source: 'test', tags: ['product:1'] })
  await waitFor(async () => (await stampOf(stores.http!, 't:product:1')) > 0, { what: 'the last keyspace' })
  expect(cache.has('PRODUCTS', '1')).toBe(false)
  expect(await stampOf(stores.shop!, 't:product:1')).toBeGreaterThan(0)
})

it('reaches the other caches when one is away', async () => {
  const { events, stores } = follow()
  stores['control-plane']!.disconnect()
  stores.shop!.disconnect()
  events.emit('data.changed', { source: 'test', tags: ['a'] })
  await waitFor(async () => (await stampOf(stores.http!, 't:a')) > 0, { what: 'the keyspace that is there' })
  stores.shop!.reconnect()
  expect(await stampOf(stores.shop!, 't:a')).toBe(0)
})

it('follows purges of others, but not its own, which are done already', async () => {
  const { events, stores, own } = follow()
  const ours: PurgeEvent = { all: true }
  own.add(ours)
  events.emit('purge.requested', ours)
  events.emit('purge.requested', { tags: ['a'], soft: true })
  await waitFor(async () => (await stampOf(stores.shop!, 't:a')) > 0, { what: 'the purge of others' })
  expect(await stampOf(stores.shop!, '*')).toBe(0)
  expect(await stampOf(stores.http!, 't:a')).toBe(0)
})
