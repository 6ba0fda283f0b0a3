import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MetricRegistry } from '@millrace/core/metrics'
import type { Logger } from '@millrace/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BackendEntry, GatewayTable } from '../src/drivers/driver.ts'
import { createHaproxyGateway, type HaproxyGateway } from '../src/drivers/haproxy/haproxy.ts'
import type { HaproxyOptions } from '../src/drivers/haproxy/options.ts'
import { Fixture } from '../src/testing/index.ts'
import { load } from '../src/testing/load.ts'
import { HostHarness } from './support/host-harness.ts'

/** What only this engine has: files, processes, reloads. The rest is the engine suite's. */
describe('HAProxy as the engine', () => {
  let fixture: Fixture
  let directory: string
  let options: HaproxyOptions
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-hap-'))
    options = { directory: join(directory, 'run'), threads: 2 }
    fixture = new Fixture((given) => createHaproxyGateway({ ...options, ...given }))
  })
  afterEach(async () => {
    await fixture.close()
    await rm(directory, { recursive: true, force: true })
  })

  const engine = (): HaproxyGateway => fixture.engine as HaproxyGateway
  const answering = (text = 'ok'): Promise<number> => fixture.backend((_req, res) => res.end(text))
  const backend = (id: string, port: number): BackendEntry => ({ id, host: '127.0.0.1', port })
  const table = (backends: readonly BackendEntry[], more: string[] = []): GatewayTable => ({
    routes: [
      { prefix: '/', pool: 'app' },
      ...more.map((name) => ({ prefix: `/${name}`, pool: name, stripPrefix: true })),
    ],
    pools: [{ name: 'app', backends }, ...more.map((name) => ({ name, backends: [] }))],
  })

  it('changes backends, weights and routes without another process, and pools with one; no request fails', async () => {
    const ports = [await answering(), await answering(), await answering()]
    const [a, b, c] = ports.map((port, index) => backend(`app/${index}`, port)) as [
      BackendEntry,
      BackendEntry,
      BackendEntry,
    ]
    await fixture.start(table([a]))
    const running = load(fixture, ['GET'], 4)
    const configurations = async (): Promise<number> =>
      Number(/w(\d+)\.sock/.exec(await readFile(join(options.directory!, 'haproxy.cfg'), 'utf8'))![1])
    const before = await configurations()
    await engine().update(table([a, b]))
    await engine().update(table([{ ...b, weight: 5 }, c]))
    await engine().update(table([{ ...c, port: a.port }]))
    expect(await configurations()).toBe(before)
    for (let round = 0; round < 3; round++) {
      await engine().update(table([a, b], ['other']))
      await engine().update(table([a, b]))
    }
    expect(await configurations()).toBe(before + 6)
    const { answered, failed } = await running.stop()
    expect(failed).toEqual([])
    expect(answered).toBeGreaterThan(0)
  })

  it('counts requests over reloads', async () => {
    await fixture.start(table([backend('app/1', await answering())]))
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 5; i++) await fixture.ask('/')
      await engine().reload()
    }
    expect((await engine().stats()).requests).toBe(10)
  })

  it('comes back after a crash, with the table of the moment', async () => {
    await fixture.start(table([backend('app/1', await answering('one'))]))
    await engine().update(table([backend('app/2', await answering('two'))]))
    process.kill(engine().status()[0]!.pid!, 'SIGKILL')
    await expect.poll(() => engine().status()[0]!.restarts, { timeout: 10_000 }).toBe(1)
    await expect.poll(() => engine().status()[0]!.state, { timeout: 10_000 }).toBe('ready')
    expect((await fixture.ask('/')).text).toBe('two')
    await engine().update(table([backend('app/3', await answering('three'))]))
    expect((await fixture.ask('/')).text).toBe('three')
  })

  it('keeps its sockets and files to itself, and takes them away', async () => {
    await fixture.start(table([backend('app/1', await answering())]))
    expect((await stat(options.directory!)).mode & 0o777).toBe(0o700)
    for (const name of await readdir(options.directory!))
      expect([name, (await stat(join(options.directory!, name))).mode & 0o077]).toEqual([name, 0])
    await engine().close({ deadlineMs: 1_000 })
    await expect(stat(options.directory!)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('takes any names', async () => {
    const name = 'a pool\'s "name" $HOME ; }\\ # é'
    const port = await answering('named')
    await fixture.start({
      routes: [{ prefix: '/it\'s;"$x', pool: name }],
      pools: [{ name, backends: [{ id: `${name}/1`, host: '127.0.0.1', port }] }],
    })
    expect((await fixture.ask('/it\'s;"$x/y')).text).toBe('named')
    expect((await engine().stats()).pools[0]).toMatchObject({
      name,
      requests: 1,
      backends: [{ id: `${name}/1` }],
    })
  })

  it('writes the access log, and records metrics', async () => {
    const lines: Record<string, unknown>[] = []
    const accessLog = { info: (line: Record<string, unknown>) => void lines.push(line) } as unknown as Logger
    const registry = new MetricRegistry()
    options = { ...options, accessLog, registry }
    await fixture.start(table([backend('app/1', await answering())]))
    await fixture.ask('/a%20b?secret=1', { headers: { 'user-agent': 'a\tb', 'x-request-id': 'mine' } })
    await expect.poll(() => lines.length).toBe(1)
    expect(lines[0]).toMatchObject({
      method: 'GET',
      path: '/a%20b',
      status: 200,
      pool: 'app',
      backend: 'app/1',
      attempts: 1,
      remote: '127.0.0.1',
      requestId: 'mine',
    })
    expect(lines[0]!.userAgent).not.toContain('\t')
    expect((await engine().stats()).pools[0]!.duration.count).toBe(1)
  })

  it('says in words what is missing', async () => {
    options = { ...options, program: '/usr/sbin/no-haproxy' }
    await expect(fixture.start(table([]))).rejects.toMatchObject({
      code: 'GATEWAY_HAPROXY_MISSING',
      message: expect.stringContaining('apt-get install haproxy'),
    })
  })

  it('says that the port is taken', async () => {
    await expect(fixture.start(table([]), { port: await answering() })).rejects.toMatchObject({
      code: 'GATEWAY_LISTEN_FAILED',
    })
  })

  it('runs as the host part’s engine, with instances that come and go', async () => {
    const harness = new HostHarness()
    try {
      await harness.source.set({ id: 'app/1', port: await answering('one') })
      await harness.start({ engine: 'haproxy' }, { app: { command: 'unused' } })
      expect(harness.part.status()).toMatchObject([{ id: 'gateway/haproxy', state: 'ready' }])
      const get = async (): Promise<string> => (await fetch(harness.url)).text()
      expect(await get()).toBe('one')
      await harness.source.set({ id: 'app/2', port: await answering('two') })
      expect(await get()).toBe('two')
      await harness.part.methods!.reload!({})
      expect(await get()).toBe('two')
      await expect(harness.part.methods!.explain!({ url: '/' })).rejects.toMatchObject({})
    } finally {
      await harness.stop()
    }
  })
})
