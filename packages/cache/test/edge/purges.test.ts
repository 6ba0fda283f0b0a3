import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock, waitFor } from '@millrace/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { edgeHeaders } from '../../src/edge/headers.ts'
import type { EdgePurgeOptions, EdgePurgeReport } from '../../src/edge/options.ts'
import { EdgePurges } from '../../src/edge/purges.ts'
import { setUp } from '../set-up.ts'
import { startCdn } from './set-up.ts'

const purges = (options: EdgePurgeOptions): EdgePurges => {
  const edge = new EdgePurges({
    registry: new MetricRegistry(),
    batchMs: 5,
    callsPerSecond: 1_000,
    retryBaseMs: 5,
    retryMaxMs: 20,
    ...options,
  })
  onTestFinished(async () => void (await edge.close({ deadlineMs: 0 })))
  return edge
}

describe('purges on their way to the edge', () => {
  it('follow the invalidations of the cache, after them, once each and in batches', async () => {
    const cdn = await startCdn()
    const edge = purges({ purger: cdn.purger, namespaces: ['P', 'Q'] })
    const { cache } = setUp({ edge })
    const store = (url: string, id: string): void =>
      cdn.store(
        url,
        edgeHeaders({ ttlMs: 60_000, tags: [`product:${id}`], entries: [{ namespace: 'P', id }] }).headers,
      )
    for (const id of ['1', '2', '3', '4']) store(`/p/${id}`, id)
    await cache.delete('P', '1')
    await cache.invalidateTags(['product:2', 'product:2'])
    await cache.set('P', '3', 'new')
    // A value that is only loaded was at the origin before.
    await cache.getOrSet('P', '4', async () => 'four')
    expect(await edge.flush()).toBe(true)
    expect([...cdn.objects.keys()]).toEqual(['/p/4'])
    expect(cdn.calls).toEqual([{ path: '/keys', names: ['P:1', 'product:2', 'P:3'] }])
    await cache.clear('P')
    await edge.flush()
    expect(cdn.objects.size).toBe(0)
    expect(cdn.calls.at(-1)?.names).toEqual(['P'])
    await cache.delPattern('P:*')
    await edge.flush()
    expect(cdn.calls.at(-1)).toEqual({ path: '/keys', names: ['P'] })
    await cache.delPattern('*:1')
    await cache.set('sessions', '1', 'not in any response')
    await cache.clear('sessions')
    await edge.flush()
    expect(cdn.calls.at(-1)).toEqual({ path: '/keys', names: ['P', 'Q'] })
    await cache.clear()
    await edge.flush()
    expect(cdn.calls.at(-1)?.path).toBe('/all')
  })

  it('keep to what one call may carry, and do not mix keys and addresses', async () => {
    const cdn = await startCdn(3)
    const edge = purges({ purger: cdn.purger })
    edge.purgeTags(['a', 'b', 'c', 'd'])
    edge.purgeUrls(['https://shop.example/1', 'https://shop.example/2', 'https://shop.example/3'])
    expect(await edge.flush()).toBe(true)
    expect(cdn.calls.map(({ path, names }) => [path, names.length])).toEqual([
      ['/keys', 3],
      ['/keys', 1],
      ['/urls', 2],
      ['/urls', 1],
    ])
    expect(edge.stats()).toMatchObject({ pending: 0, accepted: 7, givenUp: 0 })
  })

  it('wait for an edge that is away, and are not lost', async () => {
    const cdn = await startCdn()
    cdn.down = true
    const edge = purges({ purger: cdn.purger })
    const tags = Array.from({ length: 40 }, (_, index) => `t${index}`)
    for (const tag of tags) cdn.store(`/${tag}`, { 'surrogate-key': tag })
    edge.purgeTags(tags)
    await waitFor(() => cdn.calls.length > 5)
    expect(edge.stats()).toMatchObject({ accepted: 0, lastError: 'the CDN answered 503' })
    expect(await edge.flush({ deadlineMs: 10 })).toBe(false)
    cdn.down = false
    expect(await edge.flush()).toBe(true)
    expect(cdn.objects.size).toBe(0)
  })

  it('become one purge of everything when there are too many', async () => {
    const cdn = await startCdn()
    cdn.down = true
    const edge = purges({ purger: cdn.purger, maxPending: 100 })
    cdn.store('/a', { 'surrogate-key': 't7' })
    edge.purgeTags(Array.from({ length: 101 }, (_, index) => `t${index}`))
    expect(edge.stats()).toMatchObject({ pending: 1, all: true })
    cdn.down = false
    await edge.flush()
    expect(cdn.objects.size).toBe(0)
    expect(cdn.calls.at(-1)?.path).toBe('/all')
  })

  it('give up one that the edge refuses while it takes others, and say so', async () => {
    const cdn = await startCdn()
    cdn.refused.add('bad')
    const reports: EdgePurgeReport[] = []
    const onGivenUp = (report: EdgePurgeReport): void => {
      reports.push(report)
      throw new Error('a listener that fails')
    }
    const edge = purges({ purger: cdn.purger, maxAttempts: 3, onGivenUp })
    edge.purgeTags(['a', 'bad', 'b', 'c', 'd'])
    await waitFor(() => {
      edge.purgeTags(['heartbeat'])
      return reports.length > 0
    })
    expect(reports).toMatchObject([{ what: 'key', name: 'bad' }])
    // One more where nothing else was accepted in between, which is what shows that the edge is there.
    expect(reports[0]!.attempts).toBeGreaterThanOrEqual(3)
    await edge.flush()
    const accepted = new Set(
      cdn.calls.filter(({ names }) => !names.includes('bad')).flatMap(({ names }) => names),
    )
    expect([...accepted].sort()).toEqual(['a', 'b', 'c', 'd', 'heartbeat'])
  })

  it('do not wait for ever for an answer, and purge again what changed while a call was under way', async () => {
    const cdn = await startCdn()
    cdn.hangs = true
    const edge = purges({ purger: cdn.purger, timeoutMs: 30 })
    edge.purgeTags(['a'])
    await waitFor(() => cdn.calls.length === 1)
    edge.purgeTags(['a'])
    await waitFor(() => edge.stats().lastError !== undefined)
    // None is counted while the next attempt has it in hand.
    await waitFor(() => edge.stats().pending === 1)
    cdn.hangs = false
    expect(await edge.flush()).toBe(true)
  })

  it('report at the end what the edge has not accepted', async () => {
    const cdn = await startCdn()
    cdn.down = true
    const edge = purges({ purger: cdn.purger })
    edge.purgeTags(['a', 'b'])
    expect(await edge.close({ deadlineMs: 20 })).toEqual({ pending: 2 })
    edge.purgeTags(['c'])
    expect(edge.stats().pending).toBe(2)
  })

  it('cost nothing while there is no edge, and begin when there is', async () => {
    const cdn = await startCdn()
    let present = false
    const edge = purges({ purger: () => (present ? cdn.purger : undefined) })
    edge.purgeTags(['a'])
    expect(edge.stats().pending).toBe(0)
    present = true
    edge.purgeTags(['b'])
    await edge.flush()
    expect(cdn.calls).toEqual([{ path: '/keys', names: ['b'] }])
  })

  it('are forgotten, of every kind, when the edge is taken away', async () => {
    const cdn = await startCdn()
    cdn.down = true
    let there = true
    const edge = purges({ purger: () => (there ? cdn.purger : undefined) })
    edge.purgeAll()
    await waitFor(() => cdn.calls.length > 0)
    there = false
    expect(await edge.flush({ deadlineMs: 2_000 })).toBe(true)
    expect(edge.stats()).toMatchObject({ pending: 0, all: false })
  })

  it('keep below the calls that the edge allows', async () => {
    const clock = fakeClock()
    const at: number[] = []
    const take = async (): Promise<void> => void at.push(clock.monotonic())
    const purger = {
      name: 'counting',
      limits: { keysPerCall: 1, urlsPerCall: 1 },
      purgeKeys: take,
      purgeUrls: take,
      purgeAll: take,
    }
    const edge = purges({ purger, clock, callsPerSecond: 4, batchMs: 50 })
    edge.purgeTags(['a', 'b', 'c', 'd', 'e'])
    await clock.advance(2_000)
    expect(at).toEqual([50, 300, 550, 800, 1_050])
  })

  it('refuse an address that is none', () => {
    const edge = purges({ purger: () => undefined })
    expect(() => edge.purgeUrls(['/relative'])).toThrow(
      expect.objectContaining({ code: 'CACHE_PURGE_REFUSED' }),
    )
  })
})
