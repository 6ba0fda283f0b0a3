import { fileURLToPath } from 'node:url'
import { createGateway } from '@millrace/gateway'
import { Fixture } from '@millrace/gateway/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HostHarness } from '../../packages/gateway/test/support/host-harness.ts'

const MODULE = new URL('../../packages/cache/src/http-cache.ts', import.meta.url).href
const APPLICATION = { shop: { command: 'unused' } }

interface Stats {
  cache?: { hit: number; miss: number; entries: number; maxBytes: number }
}

/** The host part with real workers that load the cache by its port, as the supervisor runs it. */
describe('gateway workers with a cache', () => {
  let fixture: Fixture
  let harness: HostHarness
  let asked: string[]
  beforeEach(async () => {
    fixture = new Fixture(createGateway)
    harness = new HostHarness()
    asked = []
    const port = await fixture.backend((req, res) => {
      if (req.method === 'POST') {
        res.writeHead(204, { 'surrogate-key-purge': 'all' }).end()
        return
      }
      asked.push(req.url!)
      if (req.method === 'POST') res.writeHead(204).end()
      else res.writeHead(200, { 'cache-control': 'max-age=60', 'surrogate-key': 'all' }).end(`of ${req.url}`)
    })
    await harness.source.set({ id: 'shop/1', port }, { id: 'internal/1', port })
    harness.ports.addRoute({ prefix: '/_millrace/image', pool: 'internal' })
  })
  afterEach(async () => {
    await harness.stop()
    await fixture.close()
  })

  const call = (method: string, params?: unknown) => harness.part.methods![method]!(params)
  const cacheStats = async () => ((await call('stats')) as Stats).cache
  /** Over connections of their own, which the supervisor hands to the workers in turn. */
  const get = async (path = '/'): Promise<string> => {
    const response = await fetch(harness.url + path, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(10_000),
    })
    return response.text()
  }
  const start = (config: object = {}) => {
    harness.ports.provide('httpCache', { module: MODULE, options: {} })
    return harness.start(config, APPLICATION)
  }

  it('each worker has its own; a purge reaches all of them, and says so', async () => {
    await start()
    for (let i = 0; i < 8; i++) expect(await get()).toBe('of /')
    expect(asked).toHaveLength(2)
    expect(await cacheStats()).toMatchObject({ hit: 6, miss: 2, entries: 2 })
    expect(await call('purge', { keys: ['all'] })).toEqual({ workers: 2, confirmed: 2 })
    for (let i = 0; i < 8; i++) await get()
    expect(asked).toHaveLength(4)
    await expect(call('purge', { keys: ['all'], all: true })).rejects.toThrow(/exactly one/)
  })

  it('an application that answers a change with a purge reaches all of them', async () => {
    await start()
    for (let i = 0; i < 4; i++) await get()
    expect(asked).toHaveLength(2)
    const response = await fetch(`${harness.url}/orders`, { method: 'POST' })
    expect([response.status, response.headers.get('surrogate-key-purge')]).toEqual([204, null])
    // The visitor does not wait for the other worker.
    await expect.poll(async () => get().then(() => asked.length), { timeout: 10_000 }).toBe(4)
    for (let i = 0; i < 4; i++) await get()
    expect(asked).toHaveLength(4)
  })

  it('what is changed through one worker is forgotten by the others', async () => {
    await start()
    for (let i = 0; i < 4; i++) await get('/thing')
    expect(await cacheStats()).toMatchObject({ entries: 2 })
    await fetch(`${harness.url}/thing`, { method: 'POST', headers: { connection: 'close' } })
    asked.length = 0
    await expect
      .poll(
        async () => {
          await get('/thing')
          return asked.length
        },
        { timeout: 10_000 },
      )
      .toBe(2)
  })

  it('what is Millrace’s own is forwarded', async () => {
    await start()
    for (let i = 0; i < 4; i++) await get('/_millrace/image/1')
    expect(asked).toHaveLength(4)
    expect(await cacheStats()).toMatchObject({ hit: 0, miss: 0 })
  })

  it('an application can do without', async () => {
    await start({ cache: { applications: { shop: { enabled: false } } } })
    for (let i = 0; i < 4; i++) await get()
    expect(asked).toHaveLength(4)
  })

  it('switched off, or without a capability that has one, there is none', async () => {
    await start({ cache: { enabled: false } })
    for (let i = 0; i < 3; i++) await get()
    expect(asked).toHaveLength(3)
    expect(await cacheStats()).toBeUndefined()
    expect(await call('purge', { all: true })).toEqual({ workers: 0, confirmed: 0 })
  })

  it('a cache that cannot be loaded, or refuses its options, keeps no visitor out', async () => {
    const broken = fileURLToPath(new URL('./no-such-module.ts', import.meta.url))
    harness.ports.provide('httpCache', { module: `file://${broken}`, options: {} })
    await harness.start({}, APPLICATION)
    expect(await get()).toBe('of /')
    expect(await cacheStats()).toBeUndefined()
  })

  it('a killed worker loses its memory and nothing else', async () => {
    await start()
    for (let i = 0; i < 4; i++) await get()
    const [victim] = harness.part.status()
    process.kill(victim!.pid!, 'SIGKILL')
    await expect.poll(() => harness.part.status()[0]!.restarts, { timeout: 10_000 }).toBe(1)
    await expect.poll(() => harness.part.status()[0]!.state, { timeout: 10_000 }).toBe('ready')
    asked.length = 0
    for (let i = 0; i < 8; i++) expect(await get()).toBe('of /')
    // Only the new worker had to ask.
    expect(asked).toHaveLength(1)
    expect(await call('purge', { all: true })).toEqual({ workers: 2, confirmed: 2 })
  })
})
