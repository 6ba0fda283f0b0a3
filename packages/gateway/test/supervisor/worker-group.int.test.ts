import cluster from 'node:cluster'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { silentLogger, systemClock, type HttpCacheModule } from '@millrace/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { WorkerGroup } from '../../src/supervisor/worker-group.ts'
import { Fixture, onePool } from '../../src/testing/index.ts'

let fixture: Fixture
let group: WorkerGroup | undefined
beforeEach(() => {
  fixture = new Fixture(createGateway)
})
afterEach(async () => {
  await group?.close({ deadlineMs: 0 })
  await fixture.close()
})

/** A cache that takes its time to start, and then does not: workers wait for it before they listen. */
const SLOW_CACHE: HttpCacheModule = {
  module: `data:text/javascript,${encodeURIComponent(
    `export const createHttpCache = () => new Promise((_, reject) => setTimeout(() => reject(new Error('slow')), 500))`,
  )}`,
  options: {},
}

const start = async (port: number, workers: number, httpCache?: HttpCacheModule): Promise<string> => {
  group = new WorkerGroup({
    host: '127.0.0.1',
    port: 0,
    workers,
    engine: {},
    table: onePool(port),
    logger: silentLogger,
    logLevel: 'silent',
    clock: systemClock,
    heartbeatMs: 300,
    httpCache: () => httpCache,
    changed: () => undefined,
  })
  const address = await group.listen()
  return `http://127.0.0.1:${address.port}`
}
const ask = async (url: string): Promise<string> =>
  (await fetch(url, { signal: AbortSignal.timeout(10_000), headers: { connection: 'close' } })).text()

it('a worker that is stuck is replaced', async () => {
  const url = await start(await fixture.backend((_req, res) => res.end('ok')), 1)
  process.kill(group!.status()[0]!.pid!, 'SIGSTOP')
  await expect.poll(() => group!.status()[0]!.restarts, { timeout: 20_000 }).toBe(1)
  await expect.poll(() => group!.status()[0]!.state, { timeout: 10_000 }).toBe('ready')
  expect(await ask(url)).toBe('ok')
})

it('a worker that starts while the table changes routes by the last one', async () => {
  const ports = await Promise.all(['old', 'new'].map((text) => fixture.backend((_req, res) => res.end(text))))
  const url = await start(ports[0]!, 1)
  const state = { reloading: true }
  const reloaded = group!.reload({ drainMs: 0 }).then(() => (state.reloading = false))
  // Changes all the time, whatever moment they fall into.
  let last = 0
  while (state.reloading) await group!.update(onePool(ports[(last = 1 - last)]!))
  await reloaded
  expect(await ask(url)).toBe(last === 0 ? 'old' : 'new')
})

it('a change reaches a worker that was told the state before it and does not listen yet', async () => {
  const ports = await Promise.all(['old', 'new'].map((text) => fixture.backend((_req, res) => res.end(text))))
  const url = await start(ports[0]!, 1, SLOW_CACHE)
  // One that is about to replace another: its first word is answered with the state of that moment.
  const reloaded = group!.reload({ drainMs: 0 })
  await once(cluster, 'message')
  await group!.update(onePool(ports[1]!))
  await reloaded
  expect(await ask(url)).toBe('new')
  // One that replaces a dead one.
  process.kill(group!.status()[0]!.pid!, 'SIGKILL')
  await once(cluster, 'message')
  await group!.update(onePool(ports[0]!))
  await expect.poll(() => group!.status()[0]!.state, { timeout: 10_000 }).toBe('ready')
  expect(await ask(url)).toBe('old')
})

it('draining a backend waits for what a worker that is being replaced still has in flight', async () => {
  const held = Promise.withResolvers<ServerResponse>()
  const url = await start(await fixture.backend((_req, res) => held.resolve(res)), 1)
  const answer = ask(url)
  const response = await held.promise
  const before = group!.status()[0]!.pid
  const reloaded = group!.reload({ drainMs: 10_000 })
  await expect.poll(() => group!.status()[0]!.pid, { timeout: 10_000 }).not.toBe(before)
  const [backend] = (await group!.stats()).pools[0]!.backends
  expect(await group!.drain(backend!.id, 100)).toEqual({ inFlight: 1 })
  response.end('after all')
  expect(await answer).toBe('after all')
  await reloaded
})

it('closing waits for what a worker that is being replaced still answers', async () => {
  const held = Promise.withResolvers<ServerResponse>()
  const url = await start(await fixture.backend((_req, res) => held.resolve(res)), 1)
  const order: string[] = []
  const answer = ask(url).then((text) => order.push(text))
  const response = await held.promise
  const before = group!.status()[0]!.pid
  const reloaded = group!.reload({ drainMs: 10_000 })
  await expect.poll(() => group!.status()[0]!.pid, { timeout: 10_000 }).not.toBe(before)
  const next = group!.status()[0]!.pid!
  const closed = group!.close({ deadlineMs: 10_000 }).then(() => order.push('closed'))
  await expect.poll(() => isRunning(next), { timeout: 10_000 }).toBe(false)
  response.end('answered')
  await Promise.all([answer, closed, reloaded])
  expect(order).toEqual(['answered', 'closed'])
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
