import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { randomBytes } from 'node:crypto'
import { MetricRegistry } from '@millrace/core/metrics'
import { redisSettings } from '@millrace/core/redis'
import { chaosProxy, waitFor, watchHandles } from '@millrace/testing'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createCache, type CacheManager, type CacheOptions } from '../../src/index.ts'

let redis: TestRedis

beforeAll(async () => {
  redis = await testRedis()
})
beforeEach(async () => {
  await redis.server.start()
  redis.server.resume()
  await redis.server.command('CONFIG', 'SET', 'maxmemory', '0')
  await redis.server.command('FLUSHALL')
})
afterAll(() => redis.stop())

const LIMIT_MS = 50
/** Two processors for everything: what a request may take besides the limit before it speaks against us. */
const SLACK_MS = 450

async function join(options: CacheOptions = {}, port = redis.server.port): Promise<CacheManager> {
  const settings = redisSettings.parse({ host: '127.0.0.1', port })
  const cache = createCache({ name: 'faults', redis: settings, registry: new MetricRegistry(), ...options })
  onTestFinished(() => cache.close())
  await cache.ready()
  return cache
}

interface Load {
  /** What went wrong. */
  failures: unknown[]
  requests: number
  slowestMs: number
  stop(): Promise<void>
}

/** Requests of every kind, several at a time, until it is stopped. */
function load(cache: CacheManager): Load {
  const stopped = new AbortController()
  const state = { failures: [] as unknown[], requests: 0, slowestMs: 0 }
  const kinds: ((i: number) => Promise<unknown>)[] = [
    (i) => cache.getOrSet('n', `k${i % 500}`, async () => ({ i }), { ttlMs: 200 }),
    (i) => cache.get('n', `k${i % 700}`),
    (i) => cache.set('n', `s${i % 100}`, 'x'.repeat(2_000), { tags: [`t${i % 10}`] }),
    (i) => cache.getMany('n', [`k${i % 500}`, `s${i % 100}`]),
    (i) => cache.delete('n', `k${i % 500}`),
    (i) => cache.invalidateTags([`t${i % 10}`]),
  ]
  const worker = async (offset: number): Promise<void> => {
    for (let i = offset; !stopped.signal.aborted; i += 7) {
      const started = performance.now()
      try {
        await kinds[i % kinds.length]!(i)
      } catch (error) {
        state.failures.push(error)
      }
      state.requests++
      state.slowestMs = Math.max(state.slowestMs, performance.now() - started)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  const workers = Promise.all(Array.from({ length: 16 }, (_, i) => worker(i)))
  return Object.assign(state, {
    stop: async () => {
      stopped.abort()
      await workers
    },
  })
}

const isBack = (cache: CacheManager) => (): boolean => {
  const status = cache.sharedStatus()!
  return status.available && status.following && status.undelivered === 0
}

/** Breaks Redis under load, and sees that nobody noticed more than the time limit. */
async function survives(
  cache: CacheManager,
  fault: { begin: () => Promise<unknown> | void; end: () => Promise<unknown> | void; notices: boolean },
): Promise<{ failures: unknown[]; withinLimit: boolean }> {
  const requests = load(cache)
  await waitFor(() => requests.requests > 200)
  requests.slowestMs = 0
  await fault.begin()
  if (fault.notices) await waitFor(() => !cache.sharedStatus()!.available)
  const before = requests.requests
  await waitFor(() => requests.requests > before + 500)
  await fault.end()
  await waitFor(isBack(cache), { deadlineMs: 20_000, what: 'The shared tier in use again' })
  await requests.stop()
  return { failures: requests.failures, withinLimit: requests.slowestMs < LIMIT_MS + SLACK_MS }
}

const UNHARMED = { failures: [], withinLimit: true }

/** What one process stores, another one finds. */
async function isShared(cache: CacheManager): Promise<void> {
  const other = await join()
  await cache.set('n', 'shared', 'again')
  expect(await other.get('n', 'shared')).toBe('again')
  await other.delete('n', 'shared')
  await waitFor(() => cache.peek('n', 'shared') === undefined)
}

describe('Redis under load', () => {
  it('killed and started again: no request fails, none waits longer than the limit, it is used again', async () => {
    const cache = await join()
    const outcome = await survives(cache, {
      begin: () => redis.server.kill(),
      end: () => redis.server.start(),
      notices: true,
    })
    expect(outcome).toEqual(UNHARMED)
    await isShared(cache)
  })

  it('paused (SIGSTOP): the same', async () => {
    const cache = await join()
    const outcome = await survives(cache, {
      begin: () => redis.server.pause(),
      end: () => redis.server.resume(),
      notices: true,
    })
    expect(outcome).toEqual(UNHARMED)
    await isShared(cache)
  })

  it('full (noeviction): the same', async () => {
    const cache = await join()
    const outcome = await survives(cache, {
      begin: async () => {
        await redis.server.command('SET', 'filler', 'x'.repeat(100_000))
        await redis.server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
        await redis.server.command('CONFIG', 'SET', 'maxmemory', '500kb')
      },
      end: () => redis.server.command('CONFIG', 'SET', 'maxmemory', '0'),
      notices: false,
    })
    expect(outcome).toEqual(UNHARMED)
    await isShared(cache)
  })

  it('full, while everything has to be loaded: it is not left alone, and others hear of what is deleted', async () => {
    const [cache, other] = [await join(), await join()]
    await cache.set('n', 'known', 'old')
    expect(await other.get('n', 'known')).toBe('old')
    await redis.server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    await redis.server.command('CONFIG', 'SET', 'maxmemory', '1')
    for (let round = 0; round < 10; round++) {
      const loads = Array.from({ length: 20 }, (_, i) => cache.getOrSet('n', `${round}-${i}`, async () => i))
      expect(await Promise.all(loads)).toHaveLength(20)
      expect(cache.sharedStatus()).toMatchObject({ available: true })
    }
    await cache.delete('n', 'known')
    expect(cache.sharedStatus()).toMatchObject({ available: true, undelivered: 0 })
    await waitFor(() => other.peek('n', 'known') === undefined)
    expect(await other.get('n', 'known')).toBeUndefined()
  })

  it('20 ms away: thousands of invalidations take one round trip', async () => {
    await using proxy = await chaosProxy({ target: redis.server.port })
    const [cache, other] = [await join({}, proxy.port), await join()]
    await cache.set('n', 'k1999', 'older')
    await other.set('n', 'k1999', 'old')
    // Its notice has come: later it would drop what is set below.
    await waitFor(() => cache.peek('n', 'k1999') === undefined)
    proxy.latency(10)
    const values = Array.from({ length: 2_000 }, (_, i) => [`k${i}`, i] as const)
    await cache.setMany('n', values)
    await waitFor(isBack(cache))
    await waitFor(() => other.peek('n', 'k1999') === undefined)
    expect(cache.peek('n', 'k1999')).toBe(1_999)
  })

  it('emptied (FLUSHALL): nothing of before is served as fresh', async () => {
    const [a, b] = [await join(), await join()]
    await a.set('n', 'k', 'old')
    expect(await b.get('n', 'k')).toBe('old')
    await redis.server.command('FLUSHALL')
    await a.delete('n', 'k')
    await waitFor(() => b.getSync('n', 'k') === undefined)
    expect(await b.getOrSet('n', 'k', async () => 'new')).toBe('new')
  })

  it('with garbage in the records: misses, which are replaced', async () => {
    const [a, b] = [await join(), await join()]
    await a.set('n', 'k', 'value')
    const keys = (await redis.server.command('KEYS', '*n:k')) as string[]
    expect(keys).toHaveLength(1)
    for (const garbage of [
      '',
      'garbage',
      '0'.repeat(16),
      `${'9'.repeat(16)}xyz`,
      randomBytes(200).toString('latin1'),
    ]) {
      await redis.server.command('SET', keys[0]!, garbage)
      expect(await b.get('n', 'k')).toBeUndefined()
    }
    await b.delete('n', 'k')
    expect(await b.getOrSet('n', 'k', async () => 'loaded')).toBe('loaded')
    expect(await (await join()).get('n', 'k')).toBe('loaded')
  })
})

describe('a server that is none', () => {
  it('answers garbage to everything: no request fails or waits', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', () => void socket.write(randomBytes(64)))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const cache = await join({}, (server.address() as AddressInfo).port)
    const requests = load(cache)
    await waitFor(() => requests.requests > 500)
    await requests.stop()
    expect(requests.failures).toEqual([])
    expect(requests.slowestMs).toBeLessThan(LIMIT_MS + SLACK_MS)
  })

  it('accepts connections and says nothing: the same', async () => {
    const sockets: { destroy(): void }[] = []
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const settings = redisSettings.parse({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
    const cache = createCache({ name: 'faults', redis: settings, registry: new MetricRegistry() })
    onTestFinished(() => cache.close())
    const requests = load(cache)
    await waitFor(() => requests.requests > 500)
    await requests.stop()
    expect(requests.failures).toEqual([])
    expect(requests.slowestMs).toBeLessThan(LIMIT_MS + SLACK_MS)
  })

  it('is not there at all: the cache starts without it, and finds it later', async () => {
    await redis.server.kill()
    const cache = await join()
    expect(await cache.getOrSet('n', 'k', async () => 1)).toBe(1)
    await cache.delete('n', 'other')
    await redis.server.start()
    await waitFor(isBack(cache), { deadlineMs: 20_000, what: 'The shared tier in use' })
    await isShared(cache)
  })
})

describe('closing', () => {
  it('leaves nothing open', async () => {
    const watch = watchHandles()
    onTestFinished(() => watch.stop())
    await watch.run(async () => {
      const settings = redisSettings.parse({ host: '127.0.0.1', port: redis.server.port })
      const cache = createCache({ name: 'closing', redis: settings, registry: new MetricRegistry() })
      await cache.ready()
      await cache.getOrSet('n', 'k', async () => 1)
      await cache.delPattern('n:k*')
      cache.setSync('n', 'l', 1)
      await cache.close()
      const reader = createCache({ name: 'closing', redis: settings, registry: new MetricRegistry() })
      await reader.ready()
      // What was on its way arrived.
      expect(await reader.get('n', 'l')).toBe(1)
      await reader.close()
      const early = createCache({ name: 'closing', redis: settings, registry: new MetricRegistry() })
      await early.close()
    })
    await waitFor(() => watch.left().length === 0)
    expect(watch.left()).toEqual([])
  })
})
