import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLoad } from './load.ts'
import { alive, millrace, pidsOf, PlatformProcess, SERVER } from './platform-process.ts'

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
