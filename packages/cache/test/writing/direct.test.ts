import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock, type FakeClock } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import type { CacheManager } from '../../src/index.ts'
import type { WriteOrigin } from '../../src/writing/options.ts'
import { createWriter, type Writer } from '../../src/writing/writer.ts'
import { gate, setUp } from '../set-up.ts'
import { origin } from './set-up.ts'

interface Direct {
  writer: Writer
  cache: CacheManager
  clock: FakeClock
}

async function direct(strategy: 'through' | 'around', write: WriteOrigin): Promise<Direct> {
  const { cache } = setUp()
  const clock = fakeClock()
  const registry = new MetricRegistry()
  const writer = await createWriter(cache, 'n', { strategy, write, clock, registry, writeTimeoutMs: 1_000 })
  return { writer, cache, clock }
}

describe('write-through', () => {
  it('writes the origin first, then the cache', async () => {
    const store = origin()
    const { promise, resolve } = gate<void>()
    store.gate = promise
    const { writer, cache } = await direct('through', store.write)
    await cache.set('n', 'a', 'old')
    const writing = writer.set('a', 'new', { tags: ['t'] })
    expect(await writer.get('a')).toBe('old')
    resolve()
    await writing
    expect(store.rows.get('a')).toBe('new')
    expect(await writer.get('a')).toBe('new')
    expect(cache.entry('n', 'a')?.tags).toEqual(['t'])
    await writer.delete('a')
    expect(store.rows.has('a')).toBe(false)
    expect(cache.has('n', 'a')).toBe(false)
  })

  it('leaves no value in the cache when the origin fails: nobody knows what it holds', async () => {
    const store = origin()
    store.fails = new Error('no')
    const { writer, cache } = await direct('through', store.write)
    await cache.set('n', 'a', 'old')
    await expect(writer.set('a', 'new')).rejects.toThrow('no')
    expect(cache.has('n', 'a')).toBe(false)
  })

  it('gives up on an origin that does not answer, and tells it', async () => {
    let aborted = false
    const { writer, clock } = await direct('through', (_, signal) => {
      signal.addEventListener('abort', () => (aborted = true))
      return new Promise(() => undefined)
    })
    const settled = Promise.allSettled([writer.set('a', 1)])
    await clock.advance(1_000)
    expect((await settled)[0]).toMatchObject({ reason: { code: 'CACHE_WRITE_TIMEOUT', status: 504 } })
    expect(aborted).toBe(true)
  })

  it('ends with the same value in the cache as at the origin, however slow the writes of a key are', async () => {
    const store = origin()
    const slow = gate<void>()
    store.gate = slow.promise
    const { writer, cache } = await direct('through', store.write)
    const first = writer.set('a', 1)
    const other = writer.set('b', 1)
    const second = writer.set('a', 2)
    expect(store.batches).toHaveLength(2)
    slow.resolve()
    await Promise.all([first, second, other])
    expect(store.rows.get('a')).toBe(2)
    expect(await cache.get('n', 'a')).toBe(2)
  })

  it('does not let a load that began before the write win', async () => {
    const store = origin()
    const { writer, cache } = await direct('through', store.write)
    const { promise, resolve } = gate<string>()
    const loading = cache.getOrSet('n', 'a', () => promise)
    await writer.set('a', 'new')
    resolve('old')
    await loading
    expect(await cache.get('n', 'a')).toBe('new')
  })
})

describe('write-around', () => {
  it('writes the origin, and the cache forgets, whether or not it was told of a failure', async () => {
    const store = origin()
    const { writer, cache } = await direct('around', store.write)
    await cache.set('n', 'a', 'old')
    await writer.set('a', 'new')
    expect(cache.has('n', 'a')).toBe(false)
    expect(await writer.getOrSet('a', async () => store.rows.get('a'))).toBe('new')
    store.fails = new Error('no')
    await expect(writer.delete('a')).rejects.toThrow('no')
    expect(cache.has('n', 'a')).toBe(false)
  })

  it('does not keep what a reader loads from before the write', async () => {
    const store = origin()
    const { writer, cache } = await direct('around', store.write)
    const { promise, resolve } = gate<string>()
    const loading = cache.getOrSet('n', 'a', () => promise)
    await writer.set('a', 'new')
    resolve('old')
    await loading
    expect(cache.has('n', 'a')).toBe(false)
  })

  it('waits for what is under way when it is closed, and takes nothing more', async () => {
    const store = origin()
    const { promise, resolve } = gate<void>()
    store.gate = promise
    const { writer } = await direct('around', store.write)
    const writing = writer.set('a', 1)
    const closing = writer.close()
    resolve()
    await Promise.all([writing, closing])
    expect(store.rows.get('a')).toBe(1)
    await expect(writer.set('b', 1)).rejects.toMatchObject({ code: 'CACHE_CLOSED' })
  })
})

it('a cache makes its own writers, with its metrics', async () => {
  const { cache, metric } = setUp()
  const store = origin()
  const writer = await cache.writer('n', { strategy: 'through', write: store.write })
  await writer.set('a', 1)
  expect(await cache.get('n', 'a')).toBe(1)
  expect(metric('writes_total', { namespace: 'n', outcome: 'delivered' })).toBe(1)
})

it('a strategy that does not exist is refused by name', async () => {
  const { cache } = setUp()
  await expect(
    createWriter(cache, 'n', { strategy: 'beside' as 'around', write: origin().write }),
  ).rejects.toMatchObject({ code: 'CACHE_OPTION_INVALID', details: { field: 'strategy' } })
  await expect(
    createWriter(cache, 'a b', { strategy: 'around', write: origin().write }),
  ).rejects.toMatchObject({
    code: 'CACHE_NAMESPACE_INVALID',
  })
})
