import { afterEach, describe, expect, it } from 'vitest'
import { waitFor } from '@millrace/testing'
import { silentLogger, type ComponentStatus } from '../../src/index.ts'
import {
  allocatePort,
  groupMembers,
  processExists,
  SupervisedProcess,
  type Launch,
  type SupervisedProcessOptions,
} from '../../src/process/index.ts'

const started: SupervisedProcess[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((supervised) => supervised.stop({ deadlineMs: 200 })))
})

const node = (script: string, ...args: string[]): string[] => [process.execPath, '-e', script, ...args]
const SERVE = `require('net').createServer().listen(process.env.PORT, process.env.ON ?? '127.0.0.1')`

function supervise(
  launch: Partial<Launch> & Pick<Launch, 'command'>,
  options: Partial<SupervisedProcessOptions> = {},
): { supervised: SupervisedProcess; states: ComponentStatus['state'][] } {
  const states: ComponentStatus['state'][] = []
  const supervised = new SupervisedProcess({
    id: 'test/1',
    kind: 'instance',
    logger: silentLogger,
    backoff: { baseMs: 10, maxMs: 200 },
    launch: () => ({ env: process.env, readiness: { kind: 'spawned' }, ...launch }),
    ...options,
    onChange: ({ state }) => {
      if (states.at(-1) !== state) states.push(state)
    },
  })
  started.push(supervised)
  supervised.start()
  return { supervised, states }
}

describe('readiness', () => {
  it('waits for a TCP connection and tells the address', async () => {
    const port = await allocatePort()
    const { supervised, states } = supervise({
      command: node(`setTimeout(() => { ${SERVE} }, 100)`),
      env: { ...process.env, PORT: String(port) },
      readiness: { kind: 'tcp', port },
    })
    await supervised.whenReady()
    expect(states).toEqual(['starting', 'ready'])
    expect(supervised.status()).toMatchObject({ address: `127.0.0.1:${port}`, restarts: 0 })
  })

  it('finds a server that listens on the IPv6 loopback only', async () => {
    const port = await allocatePort()
    const { supervised } = supervise({
      command: node(SERVE),
      env: { ...process.env, PORT: String(port), ON: '::1' },
      readiness: { kind: 'tcp', port },
    })
    await supervised.whenReady()
    expect(supervised.host).toBe('::1')
  })

  it('asks over HTTP until the status is below 500', async () => {
    const port = await allocatePort()
    const script = `let n = 0; require('http').createServer((q, s) => { s.statusCode = ++n < 3 ? 503 : 404; s.end() }).listen(process.env.PORT)`
    const { supervised } = supervise({
      command: node(script),
      env: { ...process.env, PORT: String(port) },
      readiness: { kind: 'http', port, path: '/health' },
    })
    await supervised.whenReady()
    expect(supervised.status().state).toBe('ready')
  })

  it('takes a message over IPC, and sends some', async () => {
    const messages: unknown[] = []
    const { supervised } = supervise(
      {
        command: node(`process.on('message', (m) => process.send({ echo: m })); process.send('ready')`),
        ipc: true,
        readiness: { kind: 'message', accept: (message) => message === 'ready' },
      },
      { onMessage: (message) => messages.push(message) },
    )
    await supervised.whenReady()
    expect(supervised.send({ a: 1 })).toBe(true)
    await waitFor(() => messages.length === 2)
    expect(messages[1]).toEqual({ echo: { a: 1 } })
  })

  it('finds the message among many that arrive at once', async () => {
    const script = `for (let n = 0; n < 500; n++) process.send(n); process.send('ready'); setInterval(() => {}, 1000)`
    const { supervised, states } = supervise(
      {
        command: node(script),
        ipc: true,
        readiness: { kind: 'message', accept: (message) => message === 'ready' },
      },
      { startTimeoutMs: 5_000 },
    )
    await supervised.whenReady()
    expect(states).toEqual(['starting', 'ready'])
  })

  it('ends one that takes too long, says what was expected, and tries again', async () => {
    const { supervised, states } = supervise(
      {
        command: node('setInterval(() => {}, 1000)'),
        readiness: { kind: 'tcp', port: await allocatePort() },
        expectation: 'it must listen',
      },
      { startTimeoutMs: 300 },
    )
    await expect(supervised.whenReady()).rejects.toThrow('was not ready within 0.3 s: it must listen')
    await waitFor(() => states.filter((state) => state === 'starting').length > 1)
  })
})

describe('failures', () => {
  it('comes back after SIGKILL', async () => {
    const { supervised } = supervise({ command: node('setInterval(() => {}, 1000)') })
    await supervised.whenReady()
    const { pid } = supervised.status()
    process.kill(pid!, 'SIGKILL')
    await waitFor(() => supervised.status().restarts === 1 && supervised.status().state === 'ready')
    expect(supervised.status().pid).not.toBe(pid)
    expect(supervised.status().lastFailure?.reason).toBe('was ended by SIGKILL')
  })

  it('reports a crash loop as failed and keeps trying at the longest delay', async () => {
    const { supervised, states } = supervise({
      command: node('process.exit(3)'),
      readiness: { kind: 'tcp', port: await allocatePort() },
    })
    await waitFor(() => states.includes('failed'))
    expect(supervised.status()).toMatchObject({ restarts: 4, lastFailure: { reason: 'exited with code 3' } })
    await waitFor(() => supervised.status().restarts >= 6)
    expect(supervised.status().state).toBe('failed')
  })

  it('names a program that does not exist', async () => {
    const { supervised } = supervise({ command: ['no-such-program-anywhere'] })
    await expect(supervised.whenReady()).rejects.toThrow('there is no program "no-such-program-anywhere"')
  })

  it('keeps the last lines of output', async () => {
    const { supervised } = supervise({
      command: node(`for (let i = 1; i < 30; i++) console.error('line ' + i); process.exit(1)`),
      readiness: { kind: 'tcp', port: await allocatePort() },
    })
    await supervised.whenReady().catch(() => {})
    await waitFor(() => supervised.lastLines().includes('line 29'))
    expect(supervised.lastLines().length).toBeLessThanOrEqual(20)
  })

  it('ends what a crashed leader left running', async () => {
    const { supervised } = supervise({ command: ['sh', '-c', 'sleep 300 & sleep 0.2; exit 1'] })
    await supervised.whenReady()
    const group = supervised.status().pid!
    await waitFor(() => groupMembers(group).length > 1)
    await waitFor(() => groupMembers(group).length === 0)
    expect(supervised.status().lastFailure?.reason).toBe('exited with code 1')
  })
})

describe('stop', () => {
  it('lets a process end by itself', async () => {
    const lines: string[] = []
    const { supervised } = supervise(
      {
        command: node(
          `process.on('SIGTERM', () => { console.log('bye'); process.exit() }); console.log('up'); setInterval(() => {}, 1000)`,
        ),
      },
      { onLine: (line) => lines.push(line) },
    )
    await waitFor(() => lines.includes('up'))
    await supervised.stop({ deadlineMs: 5_000 })
    expect(lines).toContain('bye')
    expect(supervised.status()).toMatchObject({ state: 'stopped', restarts: 0 })
  })

  it('kills one that ignores it, with its grandchildren', async () => {
    const stubborn = `trap '' TERM; ${process.execPath} -e "process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000)" & wait; wait`
    const lines: string[] = []
    const { supervised } = supervise(
      { command: ['sh', '-c', stubborn] },
      { onLine: (line) => lines.push(line) },
    )
    await waitFor(() => lines.length === 1)
    const grandchild = Number(lines[0])
    await supervised.stop({ deadlineMs: 200 })
    await waitFor(() => !processExists(grandchild) || groupMembers(grandchild).length === 0)
    expect(supervised.status().state).toBe('stopped')
  })

  it('waits for a grandchild that is still ending when the leader has gone', async () => {
    const lines: string[] = []
    const slow = `process.on('SIGTERM', () => setTimeout(() => { console.log('done'); process.exit() }, 300)); console.log('up'); setInterval(() => {}, 1000)`
    const { supervised } = supervise(
      { command: ['sh', '-c', `"$0" -e "$1" & wait`, process.execPath, slow] },
      { onLine: (line) => lines.push(line) },
    )
    await waitFor(() => lines.includes('up'))
    await supervised.stop({ deadlineMs: 5_000 })
    await waitFor(() => lines.length === 2)
    expect(lines).toEqual(['up', 'done'])
  })

  it('can be called while it is starting or waiting to try again', async () => {
    const { supervised } = supervise(
      { command: node('process.exit(1)'), readiness: { kind: 'tcp', port: await allocatePort() } },
      { backoff: { baseMs: 60_000 } },
    )
    const ready = supervised.whenReady({ patient: true })
    await waitFor(() => supervised.status().state === 'restarting')
    await supervised.stop({ deadlineMs: 100 })
    await expect(ready).rejects.toMatchObject({ code: 'PROCESS_STOPPED' })
  })
})
