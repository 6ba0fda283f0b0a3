import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { apps, eventually, Receiver } from './receiver.ts'

let receiver: Receiver
beforeEach(async () => (receiver = await Receiver.start()))
afterEach(() => receiver.close())

const instances = (): string[] =>
  [...new Set(receiver.points.map(({ labels }) => labels['instance'] ?? ''))].toSorted()

describe('the end of the application', () => {
  it('flushes on a SIGTERM that nobody handles, and the signal still ends the process', async () => {
    const app = receiver.app('http.mjs')
    await fetch(await app.url())
    app.child.kill('SIGTERM')
    expect(await app.exited).toEqual({ code: null, signal: 'SIGTERM' })
    expect(receiver.requests()).toEqual({ 'GET / 200': 1 })
  })

  it('flushes beside the SIGTERM handler of the application and leaves the exit to it', async () => {
    const app = receiver.app('http.mjs', { HANDLE_SIGTERM: '1' })
    const url = await app.url()
    await fetch(url, { headers: { connection: 'close' } })
    app.child.kill('SIGTERM')
    expect(await app.line()).toBe('handled')
    expect(await app.exited).toEqual({ code: 7, signal: null })
  })

  it('sends the numbers of a program that ends by itself, and runs its beforeExit listeners once', async () => {
    const app = receiver.app('business.mjs')
    let output = ''
    app.child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()))
    expect(await app.exited).toEqual({ code: 0, signal: null })
    expect(output).toBe('"beforeExit"\n')
    const found = receiver.points.map(({ name, value }) => [
      name,
      typeof value === 'number' ? value : value.sum,
    ])
    expect(Object.fromEntries(found)).toMatchObject({ signups_total: 2, sessions: 5, order_value: 12 })
    expect(receiver.points.find(({ name }) => name === 'signups_total')?.labels).toMatchObject({
      plan: 'pro',
    })
  })

  it('does not hold or disturb an application whose receiver is gone', async () => {
    const environment = { MILLRACE_TELEMETRY_URL: 'http://127.0.0.1:9', MILLRACE_AGENT_DEBUG: '0' }
    const app = receiver.app('business.mjs', environment)
    expect(await app.exited).toEqual({ code: 0, signal: null })
    expect(app.errors).toBe('')
  })
})

describe('the processes around an application', () => {
  it('stays silent in a process that neither serves nor queries nor counts', async () => {
    const app = receiver.run(['-e', 'process.stdout.write(process.env.MILLRACE_AGENT_OWNER ?? "none")'])
    let output = ''
    app.child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()))
    expect(await app.exited).toEqual({ code: 0, signal: null })
    expect([output, app.errors, receiver.points]).toEqual(['none', '', []])
  })

  it('stays silent in npm', async () => {
    const app = receiver.run(['--version'], {}, 'npm')
    expect(await app.exited).toEqual({ code: 0, signal: null })
    expect([app.errors.replaceAll(/npm warn.*\n/g, ''), receiver.points]).toEqual(['', []])
  })

  it('does nothing without an address or when switched off', async () => {
    const ways: Record<string, string>[] = [{ MILLRACE_TELEMETRY_URL: '' }, { MILLRACE_AGENT: 'off' }]
    for (const off of ways) {
      const app = receiver.app('http.mjs', off)
      // Not even the listen address is touched.
      expect(await app.line<{ address: string }>()).toMatchObject({ address: '::' })
      app.child.kill('SIGKILL')
      await app.exited
    }
    expect(receiver.points).toEqual([])
  })

  it('tells a forked child from its parent', async () => {
    const app = receiver.app('fork.mjs')
    await app.url()
    await eventually(() => instances().length === 2)
    expect(instances()).toEqual(['shop/1', expect.stringMatching(/^shop\/1#child-\d+$/)])
    app.child.kill('SIGTERM')
    await app.exited
  })

  it('tells cluster workers apart', async () => {
    const app = receiver.app('cluster.mjs')
    const url = await app.url()
    // The primary holds the socket that the workers share, and reports its own CPU and memory.
    await eventually(() => instances().length === 3)
    expect(instances()).toEqual(['shop/1', 'shop/1#worker-1', 'shop/1#worker-2'])
    await fetch(url)
    app.child.kill('SIGTERM')
    await app.exited
  })

  it('reports a serving thread under its own name and a computing thread not at all', async () => {
    const app = receiver.app('threads.mjs')
    await app.url()
    await eventually(() => instances().length === 2)
    expect(instances()).toEqual(['shop/1', expect.stringMatching(/^shop\/1#thread-\d+$/)])
    const thread = receiver.points
      .filter(({ labels }) => labels['instance'] !== 'shop/1')
      .map(({ name }) => name)
    expect(thread).toContain('nodejs_heap_used_bytes')
    expect(thread).not.toContain('process_cpu_seconds_total')
  })

  it('starts an application in a folder with a space in its name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace agent '))
    try {
      await cp(new URL('http.mjs', apps), join(folder, 'my app.mjs'))
      const app = receiver.run([join(folder, 'my app.mjs')])
      expect(await app.url()).toMatch(/^http:/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
