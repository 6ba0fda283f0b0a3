import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processIdentity } from '@millrace/core/process'
import { waitFor } from '@millrace/testing'
import { startLoad } from './load.ts'
import { millrace, PlatformProcess, SERVER } from './platform-process.ts'

const pidsOf = (components: { pid?: number }[]): number[] =>
  components.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
const alive = (pids: number[]): number[] => pids.filter((pid) => processIdentity(pid) !== undefined)

describe('millrace up -- command', () => {
  let platform: PlatformProcess
  beforeAll(async () => {
    platform = await PlatformProcess.up(['--instances', '2', '--', 'node', '-e', SERVER])
  })
  afterAll(() => platform[Symbol.asyncDispose]())

  it('serves the instances through the public port', async () => {
    const bodies = await Promise.all(
      Array.from({ length: 8 }, async () => (await fetch(platform.url())).text()),
    )
    expect([...new Set(bodies)].toSorted()).toEqual(['app/1', 'app/2'])
  })

  it('prints the addresses and, once, a password', async () => {
    const { stdout } = platform.output()
    expect(stdout).toContain(`http://localhost:${platform.port}/`)
    expect(stdout).toMatch(/Sign in +admin \/ \S{12,}/)
  })

  it('keeps everything in one folder and secrets to itself', () => {
    const dataDir = join(platform.folder, '.millrace')
    expect(readdirSync(platform.folder)).toEqual(['.millrace'])
    for (const file of ['secrets.json', 'run/control.json', 'run/supervisor.json']) {
      expect([file, statSync(join(dataDir, file)).mode & 0o077]).toEqual([file, 0])
    }
  })

  it('shows what runs', async () => {
    const components = await platform.components()
    const states = Object.fromEntries(components.map(({ id, state }) => [id, state]))
    expect(states).toMatchObject({
      postgres: 'ready',
      'control-plane': 'ready',
      'app/1': 'ready',
      'app/2': 'ready',
    })
    const { stdout } = await platform.run('status')
    expect(stdout).toContain('control-plane')
  })

  it('restarts, scales up and scales down under load without a failed request', async () => {
    const load = startLoad(platform.url('/?delay=20'))
    const restarted = await platform.run('scaling', 'restart', '--pool', 'app', '--json')
    expect(restarted.stderr).toBe('')
    const up = await platform.run('scaling', 'scale', '--pool', 'app', '--instances', '4', '--json')
    const down = await platform.run('scaling', 'scale', '--pool=app', '--input', '{"instances":1}', '--json')
    const { requests, failures, bodies } = await load.stop()
    expect(failures).toEqual({})
    expect(requests).toBeGreaterThan(100)
    // All generations have answered: before, between and after the changes.
    expect([...bodies]).toEqual(expect.arrayContaining(['app/1', 'app/3', 'app/5']))
    expect(JSON.parse(up.stdout)).toMatchObject({ result: { ready: 4 } })
    expect(JSON.parse(down.stdout)).toMatchObject({ result: { ready: 1, previous: 4 } })
  })

  it('refuses a second supervisor, and names the first', async () => {
    const { code, stderr } = await millrace(['up', '--', 'node', '-e', SERVER], platform.folder, {
      PORT: '0',
    })
    expect(code).toBe(1)
    expect(stderr).toContain(`process ${platform.child.pid}`)
    expect(stderr).toContain('CLI_ALREADY_RUNNING')
  })

  it('says that the port is taken and how to choose another', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-port-'))
    const { code, stderr } = await millrace(['up', '--upstream', '9'], folder, {
      PORT: String(platform.port),
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`127.0.0.1:${platform.port}.*PORT=`))
    expect(existsSync(join(folder, '.millrace/run/supervisor.json'))).toBe(false)
    rmSync(folder, { recursive: true })
  })

  it('runs a second copy beside it', async () => {
    await using other = await PlatformProcess.up(['--', 'node', '-e', SERVER])
    expect(await (await fetch(other.url())).text()).toBe('app/1')
    expect((await fetch(platform.url())).status).toBe(200)
    const [mine, theirs] = [pidsOf(await platform.components()), pidsOf(await other.components())]
    expect(mine.filter((pid) => theirs.includes(pid))).toEqual([])
  })

  it('ends with exit code 0 and leaves nothing running; the next start finds its data', async () => {
    const pids = pidsOf(await platform.components())
    const control = readFileSync(join(platform.folder, '.millrace/ports.json'), 'utf8')
    expect(await platform.stop()).toBe(0)
    expect(alive(pids)).toEqual([])
    expect(existsSync(join(platform.folder, '.millrace/run/control.json'))).toBe(false)
    const { folder, port } = platform
    await using again = await PlatformProcess.up(['--', 'node', '-e', SERVER], { folder, port })
    expect(again.output().stdout).toContain('forgotten: millrace password')
    expect(readFileSync(join(folder, '.millrace/ports.json'), 'utf8')).toBe(control)
  })
})

describe('when parts die', () => {
  let platform: PlatformProcess
  beforeAll(async () => {
    platform = await PlatformProcess.up(['--instances', '2', '--', 'node', '-e', SERVER])
  })
  afterAll(() => platform[Symbol.asyncDispose]())

  // What a dying process had in hand is lost with it; everything else must be answered.
  const IN_HAND = 8

  it.each([
    ['postgres', 0],
    ['control-plane', 0],
    ['app/2', 0],
    ['gateway/1', IN_HAND],
  ])('%s comes back by itself while the gateway answers', async (id, lost) => {
    const before = (await platform.components()).find((component) => component.id === id)!
    const load = startLoad(platform.url(), IN_HAND)
    process.kill(before.pid!, 'SIGKILL')
    await waitFor(
      async () => {
        const now = (await platform.components()).find(
          (component) =>
            component.id.startsWith(id.split('/')[0]!) &&
            component.pid !== before.pid &&
            component.restarts > 0,
        )
        return now?.state === 'ready'
      },
      { deadlineMs: 30_000, intervalMs: 200, what: `${id} to come back` },
    )
    const { requests, failures } = await load.stop()
    const failed = Object.values(failures).reduce((sum, n) => sum + n, 0)
    expect(requests).toBeGreaterThan(50)
    expect({ failed: failed <= lost, failures }).toMatchObject({ failed: true })
  })

  it('ends what a killed supervisor left behind at the next start', async () => {
    const orphans = pidsOf(
      (await platform.components()).filter(({ kind }) => kind === 'instance' || kind === 'database'),
    )
    const exited = new Promise((resolve) => platform.child.once('exit', resolve))
    platform.child.kill('SIGKILL')
    await exited
    expect(alive(orphans).length).toBeGreaterThan(0)
    const { folder, port } = platform
    await using again = await PlatformProcess.up(['--', 'node', '-e', SERVER], { folder, port })
    expect(alive(orphans)).toEqual([])
    expect(await (await fetch(again.url())).text()).toBe('app/1')
  })
})

describe('signals', () => {
  const STUBBORN = `process.on('SIGTERM', () => {}); require('http').createServer((q, s) => s.end()).listen(process.env.PORT)`

  it('ends at once on a second Ctrl-C', async () => {
    await using platform = await PlatformProcess.up(['--', 'node', '-e', STUBBORN])
    const pids = pidsOf(await platform.components())
    platform.child.kill('SIGINT')
    await waitFor(() => platform.output().stdout.includes('Stopping (SIGINT)'))
    // The first one echoes: npm passes on what the terminal sent already.
    platform.child.kill('SIGINT')
    await waitFor(
      async () => {
        platform.child.kill('SIGINT')
        return platform.child.exitCode !== null
      },
      { intervalMs: 300 },
    )
    expect(platform.child.exitCode).toBe(130)
    await waitFor(() => alive(pids).length === 0)
  })

  it('stops while it is still starting', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-early-'))
    const starting = PlatformProcess.up(
      ['--', 'node', '-e', 'setInterval(() => console.log("alive " + process.pid), 100)'],
      { folder },
    )
    const outcome = starting.catch((error: unknown) => String(error))
    const run = join(folder, '.millrace/scaling/processes')
    const [file] = await waitFor(() => existsSync(run) && readdirSync(run).length > 0 && readdirSync(run), {
      deadlineMs: 30_000,
    })
    const pid = Number.parseInt(file!, 10)
    const supervisor = JSON.parse(readFileSync(join(folder, '.millrace/run/supervisor.json'), 'utf8')) as {
      pid: number
    }
    process.kill(supervisor.pid, 'SIGTERM')
    expect(await outcome).toContain('up ended with 0')
    expect(alive([pid, supervisor.pid])).toEqual([])
    rmSync(folder, { recursive: true })
  })
})
