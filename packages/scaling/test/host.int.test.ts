import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createHostPorts,
  platformConfig,
  silentLogger,
  systemClock,
  type HostPart,
  type HostPorts,
  type MillraceConfig,
  type ScalePool,
} from '@millrace/core'
import { allocatePort, groupMembers, processIdentity } from '@millrace/core/process'
import { waitFor } from '@millrace/testing'
import { host } from '../src/host.ts'
import { scalingConfig, type ScalingConfig } from '../src/index.ts'

const SERVER = `
  if (process.env.CRASH_FILE && require('fs').existsSync(process.env.CRASH_FILE)) process.exit(7)
  const server = require('http').createServer((request, response) => response.end(process.env.MILLRACE_INSTANCE))
  server.listen(process.env.PORT, process.env.HOST)
  process.on('SIGTERM', () => server.close())`

let folder = ''
let part: HostPart | undefined
let ports: HostPorts
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-scaling-'))
  ports = createHostPorts()
})
afterEach(async () => {
  await part?.stop({ deadlineMs: 500 })
  part = undefined
  rmSync(folder, { recursive: true })
})

type Applications = NonNullable<MillraceConfig['applications']>

async function start(applications: Applications, config: Partial<ScalingConfig> = {}): Promise<HostPart> {
  part = await host.start({
    name: 'scaling',
    config: scalingConfig.parse({ stopTimeoutMs: 2_000, ...config }),
    platform: platformConfig.parse({ applications }),
    logger: silentLogger,
    clock: systemClock,
    dataDir: folder,
    telemetry: { url: 'http://127.0.0.1:1', token: '' },
    ports,
    environment: () => ({ FROM_PLATFORM: 'yes' }),
    changed: () => {},
  })
  return part
}

const shop = (more: Partial<Applications[string]> = {}): Applications => ({
  shop: { command: [process.execPath, '-e', SERVER], cwd: folder, ...more },
})
const pools = async (): Promise<ScalePool[]> => (await part!.methods!['pools']!({})) as ScalePool[]
const call = async (method: string, params: unknown): Promise<ScalePool> =>
  (await part!.methods![method]!(params)) as ScalePool
const ids = ({ instances }: ScalePool): string[] => instances.map(({ id }) => id)

describe('the process manager', () => {
  it('starts what is wanted and offers it to the gateway', async () => {
    await start(shop({ instances: 2 }))
    const list = ports.find('instances')!.list()
    expect(list.map(({ id, pool, state, weight }) => ({ id, pool, state, weight }))).toEqual([
      { id: 'shop/1', pool: 'shop', state: 'ready', weight: 1 },
      { id: 'shop/2', pool: 'shop', state: 'ready', weight: 1 },
    ])
    for (const { host, port, id } of list) {
      expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe(id)
    }
    expect(part!.status()).toMatchObject([
      { id: 'shop/1', kind: 'instance', state: 'ready', restarts: 0 },
      { id: 'shop/2', kind: 'instance', state: 'ready', restarts: 0 },
    ])
  })

  it('fronts addresses that run elsewhere without starting anything', async () => {
    await start({ legacy: { upstreams: ['http://10.0.0.7', 'https://[::1]:8443'] } })
    expect(ports.find('instances')!.list()).toMatchObject([
      { id: 'legacy/1', host: '10.0.0.7', port: 80, state: 'ready' },
      { id: 'legacy/2', host: '::1', port: 8443, state: 'ready' },
    ])
    expect(part!.status()).toEqual([])
    await expect(call('scale', { pool: 'legacy', instances: 3 })).rejects.toMatchObject({
      code: 'SCALING_NOT_SCALABLE',
    })
  })

  it('leaves alone what the gateway looks up', async () => {
    await start({ shop: { discover: { consul: { service: 'shop' } } } })
    expect(ports.find('instances')!.list()).toEqual([])
    expect(await pools()).toEqual([])
  })

  it('scales up and down, and never gives an id twice', async () => {
    await start(shop())
    expect(ids(await call('scale', { pool: 'shop', instances: 3 }))).toEqual(['shop/1', 'shop/2', 'shop/3'])
    expect(ids(await call('scale', { pool: 'shop', instances: 1 }))).toEqual(['shop/1'])
    expect(ids(await call('scale', { pool: 'shop', instances: 2 }))).toEqual(['shop/1', 'shop/4'])
    expect(ids(await call('stop-instance', { instance: 'shop/1' }))).toEqual(['shop/4'])
    expect(await pools()).toMatchObject([{ desired: 1, ready: 1 }])
  })

  it('enforces the bounds and knows its applications', async () => {
    await start(shop(), { minInstances: 1, maxInstances: 2 })
    const refused = { code: 'SCALING_OUT_OF_BOUNDS' }
    await expect(call('scale', { pool: 'shop', instances: 3 })).rejects.toMatchObject(refused)
    await expect(call('scale', { pool: 'shop', instances: 0 })).rejects.toMatchObject(refused)
    await expect(call('stop-instance', { instance: 'shop/1' })).rejects.toMatchObject(refused)
    await expect(call('restart', { pool: 'nope' })).rejects.toMatchObject({
      code: 'SCALING_POOL_UNKNOWN',
      details: { known: ['shop'] },
    })
    await expect(call('stop-instance', { instance: 'shop/9' })).rejects.toMatchObject({
      code: 'SCALING_INSTANCE_UNKNOWN',
    })
  })

  it('replaces every instance, the new one ready before the old one goes', async () => {
    await start(shop({ instances: 2 }))
    let fewest = Infinity
    ports.find('instances')!.onChange((list) => {
      fewest = Math.min(fewest, list.filter(({ state }) => state === 'ready').length)
    })
    expect(ids(await call('restart', { pool: 'shop' }))).toEqual(['shop/3', 'shop/4'])
    expect(fewest).toBe(2)
  })

  it('drains before it stops, after everybody has applied the change', async () => {
    const events: string[] = []
    ports.provide('traffic', {
      drain: async (id, timeoutMs) => {
        events.push(`drain ${id} ${timeoutMs}`)
        return { inFlight: 0 }
      },
    })
    await start(shop({ instances: 2, drainTimeoutMs: 1_234 }))
    ports.find('instances')!.onChange(async (list) => {
      const draining = list.filter(({ state }) => state === 'draining').map(({ id }) => id)
      await new Promise((resolve) => setImmediate(resolve))
      if (draining.length > 0 && events.length === 0) events.push(`applied ${draining.join()}`)
    })
    await call('scale', { pool: 'shop', instances: 1 })
    expect(events).toEqual(['applied shop/2', 'drain shop/2 1234'])
  })

  it('stops a rolling restart whose replacement fails, and keeps what serves', async () => {
    const crashFile = join(folder, 'crash')
    await start(shop({ instances: 2, env: { CRASH_FILE: crashFile } }))
    writeFileSync(crashFile, '')
    await expect(call('restart', { pool: 'shop' })).rejects.toMatchObject({
      code: 'SCALING_REPLACEMENT_FAILED',
      details: { replaced: 0, total: 2, reason: 'exited with code 7' },
    })
    const [pool] = await pools()
    expect(ids(pool!)).toEqual(['shop/1', 'shop/2'])
    expect(pool!.ready).toBe(2)
  })

  it('starts a killed instance again', async () => {
    await start(shop())
    const [{ pid } = {}] = part!.status()
    process.kill(pid!, 'SIGKILL')
    await waitFor(() => part!.status()[0]!.restarts === 1 && part!.status()[0]!.state === 'ready')
    expect(ports.find('instances')!.list()).toMatchObject([{ id: 'shop/1', state: 'ready' }])
  })

  it('comes up without an application that cannot start, and says why', async () => {
    await start({
      ...shop(),
      broken: { command: 'no-such-program-anywhere', cwd: folder },
    })
    expect(await pools()).toMatchObject([
      { name: 'shop', ready: 1 },
      { name: 'broken', desired: 1, ready: 0 },
    ])
    const broken = part!.status().find(({ id }) => id === 'broken/1')
    expect(broken?.lastFailure?.reason).toContain('there is no program "no-such-program-anywhere"')
  })

  it('says where an application listens that does not use PORT', async () => {
    const own = await allocatePort()
    const script = `require('http').createServer().listen(${own}, '127.0.0.1')`
    await start(shop({ command: [process.execPath, '-e', script], startTimeoutMs: 500 }))
    expect(part!.status()[0]?.lastFailure?.reason).toMatch(
      new RegExp(`must listen on the port in the variable PORT.*It listens on ${own} instead`),
    )
  })

  it('runs `prepare` to its end first, and again until it succeeds', async () => {
    const prepared = join(folder, 'prepared')
    const script = `test -n "$FROM_PLATFORM" && if test -e ${prepared}.once; then touch ${prepared}; else touch ${prepared}.once; exit 1; fi`
    await start(shop({ prepare: ['sh', '-c', script] }))
    expect(part!.status()).toMatchObject([{ id: 'shop/prepare', state: 'failed' }])
    expect(ports.find('instances')!.list()).toEqual([])
    await expect(call('scale', { pool: 'shop', instances: 2 })).rejects.toMatchObject({
      code: 'SCALING_PREPARE_FAILED',
    })
    await waitFor(() => ports.find('instances')!.list()[0]?.state === 'ready', { deadlineMs: 10_000 })
    expect(existsSync(prepared)).toBe(true)
  })

  it('leaves nothing running, not even what an instance started', async () => {
    const script = `${process.execPath} -e "$SCRIPT" & sleep 300 & wait`
    await start(shop({ command: ['sh', '-c', script], env: { SCRIPT: SERVER } }))
    const [{ pid } = {}] = part!.status()
    expect(groupMembers(pid!).length).toBeGreaterThanOrEqual(3)
    await part!.stop({ deadlineMs: 2_000 })
    expect(groupMembers(pid!)).toEqual([])
    expect(processIdentity(pid!)).toBeUndefined()
  })

  it('can be stopped while it still starts', async () => {
    const abort = new AbortController()
    const starting = host.start({
      name: 'scaling',
      config: scalingConfig.parse({ stopTimeoutMs: 500 }),
      platform: platformConfig.parse({
        applications: shop({ command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'] }),
      }),
      logger: silentLogger,
      clock: systemClock,
      dataDir: folder,
      telemetry: { url: '', token: '' },
      ports,
      environment: () => ({}),
      changed: () => {},
      signal: abort.signal,
    })
    await waitFor(() => ports.find('instances')?.list()[0]?.state === 'starting')
    abort.abort()
    part = await starting
    expect(part.status()).toEqual([])
  })
})
