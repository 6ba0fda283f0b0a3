import cluster from 'node:cluster'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateway } from '../src/index.ts'
import type { HostStats } from '../src/service.ts'
import { Fixture } from '../src/testing/index.ts'
import { HostHarness } from './support/host-harness.ts'
import { NEW_CONNECTION, SteadyLoad } from './support/steady-load.ts'

/** The host part with real worker processes, as the supervisor runs it. */
describe('gateway host', () => {
  let fixture: Fixture
  let harness: HostHarness
  let load: SteadyLoad | undefined
  beforeEach(() => {
    fixture = new Fixture(createGateway)
    harness = new HostHarness()
  })
  afterEach(async () => {
    await load?.stop()
    load = undefined
    await harness.stop()
    await fixture.close()
  })

  const app = { app: { command: 'unused' } }
  const answering = (text = 'ok', delayMs = 1): Promise<number> =>
    fixture.backend((_req, res) => void setTimeout(() => res.end(text), delayMs))
  const stats = async (): Promise<HostStats> => (await harness.part.methods!.stats!(undefined)) as HostStats
  const get = async (path = '/'): Promise<{ status: number; text: string }> => {
    const response = await fetch(harness.url + path, { signal: AbortSignal.timeout(10_000) })
    return { status: response.status, text: await response.text() }
  }
  const more = async (): Promise<void> => {
    const before = load!.answered
    await expect.poll(() => load!.answered, { timeout: 10_000 }).toBeGreaterThan(before + 100)
  }

  it('serves over all workers, follows instances and routes, and says what it does', async () => {
    await harness.source.set({ id: 'app/1', port: await answering('one') })
    await harness.start({ accessLog: 'json' }, app)
    expect(harness.part.status().map(({ id, state }) => `${id} ${state}`)).toEqual([
      'gateway/1 ready',
      'gateway/2 ready',
    ])
    expect(await get()).toEqual({ status: 200, text: 'one' })
    await harness.source.set({ id: 'app/2', port: await answering('two') })
    for (let i = 0; i < 6; i++) expect((await get()).text).toBe('two')
    harness.ports.addRoute({ prefix: '/_millrace/image', pool: 'assets' })
    await harness.source.set(
      { id: 'app/2', port: await answering('two') },
      { id: 'assets/1', port: await answering('image') },
    )
    expect((await get('/_millrace/image/x')).text).toBe('image')
    const { pools, requests, workers } = await stats()
    expect(requests).toBe(8)
    expect(workers).toHaveLength(2)
    expect(pools.find(({ name }) => name === 'assets')).toMatchObject({
      requests: 1,
      backends: [{ state: 'up' }],
    })
    await expect
      .poll(async () => (await readFile(join(harness.dataDir, 'access.log'), 'utf8')).split('\n').length)
      .toBeGreaterThan(8)
  })

  it('no request fails while the workers are replaced under load', async () => {
    await harness.source.set({ id: 'app/1', port: await answering() })
    await harness.start({}, app)
    const before = harness.part.status().map(({ pid }) => pid)
    load = new SteadyLoad(harness.url)
    await more()
    await harness.part.methods!.reload!(undefined)
    await more()
    await load.stop()
    expect(load.failed).toEqual([])
    for (const { pid, restarts } of harness.part.status()) {
      expect(before).not.toContain(pid)
      expect(restarts).toBe(0)
    }
  })

  it('no request fails on a rolling restart of the instances under load', async () => {
    await harness.source.set({ id: 'app/1', port: await answering() })
    await harness.start({}, app)
    const traffic = harness.ports.find('traffic')!
    load = new SteadyLoad(harness.url)
    await more()
    let current = {
      id: 'app/1',
      port: Number((await stats()).pools[0]!.backends[0]!.address.split(':').at(-1)),
    }
    for (let i = 2; i < 6; i++) {
      const next = { id: `app/${i}`, port: await answering() }
      await harness.source.set(current, next)
      await harness.source.set({ ...current, state: 'draining' }, next)
      expect(await traffic.drain(current.id, 10_000)).toEqual({ inFlight: 0 })
      await harness.source.set(next)
      current = next
      await more()
    }
    await load.stop()
    expect(load.failed).toEqual([])
    expect(await traffic.drain('app/none', 10)).toEqual({ inFlight: 0 })
  })

  it('a killed worker comes back; only what it was answering is lost', async () => {
    await harness.source.set({ id: 'app/1', port: await answering('ok', 5) })
    await harness.start({}, app)
    load = new SteadyLoad(harness.url, 16)
    await more()
    const [victim] = harness.part.status()
    process.kill(victim!.pid!, 'SIGKILL')
    await expect.poll(() => harness.part.status()[0]!.restarts).toBe(1)
    await expect.poll(() => harness.part.status()[0]!.state, { timeout: 10_000 }).toBe('ready')
    await more()
    await load.stop()
    // One request per connection that the worker held, and each fails at once with a reset.
    expect(load.failed.length).toBeLessThanOrEqual(16)
    expect(load.failed.every((reason) => /ECONNRESET|socket hang up|EPIPE/.test(reason))).toBe(true)
    const [again] = harness.part.status()
    expect(again!.pid).not.toBe(victim!.pid)
    expect(again!.lastFailure!.reason).toContain('SIGKILL')
  })

  it('replacing the workers while one is coming back leaves no extra process', async () => {
    await harness.source.set({ id: 'app/1', port: await answering() })
    await harness.start({}, app)
    const running = (): number => Object.keys(cluster.workers ?? {}).length
    // Each death makes the wait before the next start longer: the last one is still waited for when all is replaced.
    for (let death = 1; death <= 3; death++) {
      await expect.poll(() => harness.part.status()[0]!.state, { timeout: 10_000 }).toBe('ready')
      process.kill(harness.part.status()[0]!.pid!, 'SIGKILL')
      await expect.poll(() => harness.part.status()[0]!.restarts, { timeout: 10_000 }).toBe(death)
    }
    await Promise.all([harness.part.methods!.reload!(undefined), harness.part.methods!.reload!(undefined)])
    await expect.poll(running).toBe(2)
    const pids = harness.part.status().map(({ pid }) => pid)
    await expect(get()).resolves.toMatchObject({ status: 200 })
    // What was waited for would be there by now.
    const until = performance.now() + 500
    await expect.poll(() => performance.now() > until && running()).toBe(2)
    expect(harness.part.status().map(({ pid }) => pid)).toEqual(pids)
  })

  it('ends what it was starting when it is stopped in the middle of a replacement', async () => {
    await harness.source.set({ id: 'app/1', port: await answering() })
    await harness.start({}, app)
    const reloading = Promise.resolve(harness.part.methods!.reload!(undefined)).catch(() => undefined)
    await harness.part.stop({ deadlineMs: 2_000 })
    await reloading
    await expect.poll(() => Object.keys(cluster.workers ?? {}).length, { timeout: 10_000 }).toBe(0)
  })

  it('a respawned worker knows what was drained meanwhile', async () => {
    const [one, two] = [await answering('one'), await answering('two')]
    await harness.source.set({ id: 'app/1', port: one }, { id: 'app/2', port: two })
    await harness.start({}, app)
    await harness.part.methods!.drain!({ backend: 'app/1', timeoutMs: 1_000 })
    for (const { pid } of harness.part.status()) process.kill(pid!, 'SIGKILL')
    await expect
      .poll(() => harness.part.status().every(({ state, restarts }) => state === 'ready' && restarts === 1), {
        timeout: 10_000,
      })
      .toBe(true)
    for (let i = 0; i < 6; i++) expect((await get()).text).toBe('two')
    await harness.part.methods!.undrain!({ backend: 'app/1' })
    const answers = new Set<string>()
    for (let i = 0; i < 8; i++) answers.add((await get()).text)
    expect([...answers].sort()).toEqual(['one', 'two'])
    await expect(harness.part.methods!.drain!({ backend: 'nobody/1' })).rejects.toMatchObject({
      code: 'GATEWAY_BACKEND_UNKNOWN',
    })
  })

  it('a backend that fails its health checks is left out until it answers again', async () => {
    let sick = false
    const flaky = await fixture.backend((req, res) => {
      if (sick && req.url === '/health') res.writeHead(500)
      res.end('flaky')
    })
    await harness.source.set({ id: 'app/1', port: flaky }, { id: 'app/2', port: await answering('steady') })
    await harness.start(
      {},
      { app: { command: 'unused', health: { path: '/health', intervalMs: 100, timeoutMs: 1_000 } } },
    )
    const state = async (): Promise<string | undefined> =>
      (await stats()).pools[0]!.backends.find(({ id }) => id === 'app/1')?.state
    sick = true
    await expect.poll(state, { timeout: 10_000 }).toBe('down')
    for (let i = 0; i < 6; i++) expect((await get()).text).toBe('steady')
    sick = false
    await expect.poll(state, { timeout: 10_000 }).toBe('up')
  })

  it('a session stays with its instance in every worker, and after all workers were replaced', async () => {
    const instances = [
      { id: 'app/1', port: await answering('one') },
      { id: 'app/2', port: await answering('two') },
    ]
    await harness.source.set(...instances)
    await harness.start({ stickySessions: { enabled: true } }, app)
    const ask = async (cookie?: string): Promise<{ text: string; cookie: string | null }> => {
      const headers = { connection: 'close', ...(cookie === undefined ? {} : { cookie }) }
      const response = await fetch(harness.url, { headers, signal: AbortSignal.timeout(10_000) })
      return { text: await response.text(), cookie: response.headers.get('set-cookie') }
    }
    const first = await ask()
    const cookie = first.cookie!.split(';')[0]!
    for (let i = 0; i < 8; i++) expect(await ask(cookie)).toEqual({ text: first.text, cookie: null })
    await harness.part.methods!.reload!(undefined)
    for (let i = 0; i < 4; i++) expect(await ask(cookie)).toEqual({ text: first.text, cookie: null })
    const secret = await readFile(join(harness.dataDir, 'session-secret'), 'utf8')
    expect(secret.trim().length).toBeGreaterThan(40)
    expect(JSON.stringify(await stats())).not.toContain(secret.trim())
  })

  it('a port that is taken is said so', async () => {
    const taken = await answering()
    await expect(harness.start({ port: taken }, app)).rejects.toMatchObject({ code: 'GATEWAY_LISTEN_FAILED' })
  })

  it('stops without a failed request and leaves no process', async () => {
    await harness.source.set({ id: 'app/1', port: await answering() })
    await harness.start({}, app)
    load = new SteadyLoad(harness.url)
    await more()
    const pids = harness.part.status().map(({ pid }) => pid!)
    await harness.part.stop({ deadlineMs: 5_000 })
    await load.stop()
    // Once nothing accepts any more, a new connection is refused, or reset if it was on its way.
    expect(load.failed.filter((reason) => !reason.includes(NEW_CONNECTION))).toEqual([])
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  it('switched off, it runs nothing', async () => {
    await harness.start({ enabled: false }, app)
    expect(harness.part.status()).toEqual([])
  })
})
