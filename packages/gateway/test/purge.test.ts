import {
  createEventBus,
  type ActionContext,
  silentLogger,
  type ComponentStatus,
  type HttpPurge,
  type Logger,
  type RuntimeLink,
} from '@millrace/core'
import { afterEach, describe, expect, it } from 'vitest'
import { gatewayActions } from '../src/actions.ts'
import { gatewayConfig } from '../src/config.ts'
import type { CacheStats } from '../src/drivers/driver.ts'
import { purgeParams, purgesOf } from '../src/purge.ts'
import { GatewayService } from '../src/service.ts'
import { mergeStats } from '../src/supervisor/merge-stats.ts'

const CONTEXT: ActionContext = {
  actor: { kind: 'system', name: 'test', role: 'administrator' },
  logger: silentLogger,
  signal: new AbortController().signal,
  progress: () => undefined,
}

describe('what a purge names', () => {
  it.each([
    { url: 'https://shop.example/products/1' },
    { paths: ['/products/1?size=l'] },
    { prefix: '/images/' },
    { prefix: 'https://shop.example/images/' },
    { keys: ['product-1'] },
    { all: true, soft: true },
  ])('%o', (params) => {
    expect(purgeParams.parse(params)).toEqual(params)
  })

  it.each([
    ['nothing', {}],
    ['two ways', { all: true, keys: ['x'] }],
    ['a relative URL', { url: '/products/1' }],
    ['a path without a slash', { paths: ['products'] }],
    ['no key', { keys: [] }],
    ['everything, but not', { all: false }],
    ['an unknown way', { pattern: '*' }],
  ])('refuses %s', (_what, params) => {
    expect(purgeParams.safeParse(params).success).toBe(false)
  })

  it('an event may name several', () => {
    expect(
      purgesOf({
        tags: ['t'],
        paths: ['/p'],
        urls: ['https://a/1', 'https://a/2'],
        prefixes: ['/i/'],
        soft: true,
      }),
    ).toEqual([
      { keys: ['t'], soft: true },
      { paths: ['/p'], soft: true },
      { url: 'https://a/1', soft: true },
      { url: 'https://a/2', soft: true },
      { prefix: '/i/', soft: true },
    ])
    expect(purgesOf({ tags: [], all: true })).toEqual([{ all: true }])
    expect(purgesOf({ tags: [], paths: [] })).toEqual([])
  })
})

describe('the gateway’s service', () => {
  let service: GatewayService | undefined
  afterEach(() => service?.dispose())

  function start({ config = {}, connected = true, confirmed = 2, logger = silentLogger } = {}) {
    const purged: HttpPurge[] = []
    const runtime: RuntimeLink = {
      connected,
      components: (): ComponentStatus[] => [],
      call: async <Result>(_host: string, method: string, params?: unknown) => {
        expect(method).toBe('purge')
        purged.push(params as HttpPurge)
        return { workers: 2, confirmed } as Result
      },
      onChange: () => () => undefined,
    }
    const events = createEventBus(logger)
    service = new GatewayService({ config: gatewayConfig.parse(config), runtime })
    service.follow(events, logger)
    return { purged, events, service }
  }

  it('purges for its action, and says how many workers did', async () => {
    const { purged, service: own } = start({ confirmed: 1 })
    const answer = await gatewayActions.purge.run(own, { keys: ['a'] }, CONTEXT)
    expect(answer).toEqual({ workers: 2, confirmed: 1 })
    expect(purged).toEqual([{ keys: ['a'] }])
  })

  it('purges what others ask all caches to forget, and what data has changed', async () => {
    const { purged, events } = start()
    events.emit('purge.requested', { tags: ['a'], paths: ['/p'] })
    events.emit('data.changed', { source: 'shop', tags: ['b'] })
    await expect.poll(() => purged, { timeout: 10_000 }).toHaveLength(3)
    expect(purged).toEqual(expect.arrayContaining([{ keys: ['a'] }, { paths: ['/p'] }, { keys: ['b'] }]))
  })

  it('says in the log when a worker did not', async () => {
    const errors: unknown[] = []
    const logger: Logger = {
      ...silentLogger,
      error: (details: unknown) => void errors.push(details),
    } as Logger
    const { events } = start({ confirmed: 1, logger })
    events.emit('data.changed', { source: 'shop', tags: ['b'] })
    await expect.poll(() => errors, { timeout: 10_000 }).toHaveLength(1)
    expect(errors[0]).toMatchObject({ workers: 2, confirmed: 1 })
  })

  it.each([
    ['without a supervisor', { connected: false }],
    ['without a cache', { config: { cache: { enabled: false } } }],
    ['without a gateway', { config: { enabled: false } }],
  ])('asks nobody %s, nor after its end', async (_what, options) => {
    const { purged, events } = start(options)
    events.emit('data.changed', { source: 'shop', tags: ['a'] })
    const { purged: others, events: followed, service: disposed } = start()
    disposed.dispose()
    followed.emit('data.changed', { source: 'shop', tags: ['a'] })
    await new Promise((resolve) => setImmediate(resolve))
    expect([...purged, ...others]).toEqual([])
  })
})

it('statistics of the workers’ caches add up', () => {
  const cache: CacheStats = {
    hit: 3,
    stale: 1,
    miss: 2,
    revalidated: 0,
    bypass: 4,
    error: 0,
    renewals: 1,
    entries: 2,
    bytes: 100,
    maxBytes: 1_000,
    encodedBytes: 10,
  }
  const worker = { connections: 0, inFlight: 0, requests: 0, pools: [], cache }
  expect(mergeStats([worker, worker]).cache).toMatchObject({
    hit: 6,
    entries: 4,
    bytes: 200,
    maxBytes: 2_000,
  })
})
