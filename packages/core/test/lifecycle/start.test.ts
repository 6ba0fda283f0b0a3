import { fakeClock, type FakeClock } from '@millrace/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createEventBus,
  createLogger,
  createPorts,
  defineCapability,
  silentLogger,
  startCapabilities,
  type AnyCapability,
  type AnyContext,
  type Cache,
  type Lifecycle,
} from '../../src/index.ts'

let clock: FakeClock
let log: string[]
const ports = createPorts()
const events = createEventBus(silentLogger)
const stopping = new AbortController()
beforeEach(() => {
  clock = fakeClock()
  log = []
})

interface Behaviour {
  dependsOn?: string[]
  create?: (context: AnyContext) => Promise<unknown>
  dispose?: (service: unknown) => Promise<void>
}

const make = (name: string, behaviour: Behaviour = {}): AnyCapability =>
  defineCapability({
    name,
    title: name,
    summary: name,
    dependsOn: behaviour.dependsOn ?? [],
    config: z.strictObject({}),
    metrics: {},
    actions: {},
    create: async (context) => {
      const service = await (behaviour.create?.(context) ?? name)
      log.push(`+${name}`)
      return service
    },
    health: () => Promise.resolve({ state: 'healthy', message: '' }),
    dispose: async (service) => {
      await behaviour.dispose?.(service)
      log.push(`-${name}`)
    },
  })

const makeContext = ({ name }: AnyCapability): AnyContext =>
  ({ name, ports, events, signal: stopping.signal }) as AnyContext

const start = (list: AnyCapability[]): Promise<Lifecycle> =>
  startCapabilities(list, makeContext, {
    logger: silentLogger,
    clock,
    retry: { random: () => 1 },
    startTimeoutMs: 5_000,
  })

const states = (lifecycle: Lifecycle): Record<string, string> =>
  Object.fromEntries(lifecycle.statuses.map(({ capability, state }) => [capability.name, state]))

/** Fails until it has been tried `times` times. */
const failing = (times: number, why = 'not yet'): (() => Promise<unknown>) => {
  let calls = 0
  return () => (++calls > times ? Promise.resolve('up') : Promise.reject(new Error(why)))
}

describe('startCapabilities', () => {
  it('starts after dependencies and stops before them', async () => {
    const lifecycle = await start([
      make('c', { dependsOn: ['b'] }),
      make('b', { dependsOn: ['a', 'absent'] }),
      make('a'),
    ])
    expect(states(lifecycle)).toEqual({ a: 'running', b: 'running', c: 'running' })
    expect(lifecycle.get('b')?.service).toBe('b')
    await lifecycle.stop()
    expect(log).toEqual(['+a', '+b', '+c', '-c', '-b', '-a'])
    expect(states(lifecycle)).toEqual({ a: 'stopped', b: 'stopped', c: 'stopped' })
  })

  it('runs the rest when one fails, and lifts them when it recovers', async () => {
    const seen: string[] = []
    const lifecycle = await start([
      make('a', { create: failing(2) }),
      make('b', { dependsOn: ['a'] }),
      make('c'),
    ])
    lifecycle.onChange(({ capability, state }) => seen.push(`${capability.name} ${state}`))
    expect(states(lifecycle)).toEqual({ a: 'failed', b: 'degraded', c: 'running' })
    expect(lifecycle.get('a')).toMatchObject({
      error: new Error('not yet'),
      attempts: 1,
      retryAt: clock.now() + 1_000,
    })
    await clock.advance(1_000)
    expect(lifecycle.get('a')).toMatchObject({ attempts: 2, retryAt: clock.now() + 2_000 })
    await clock.advance(1_999)
    expect(lifecycle.get('a')?.attempts).toBe(2)
    await clock.advance(1)
    expect(states(lifecycle)).toEqual({ a: 'running', b: 'running', c: 'running' })
    expect(lifecycle.get('a')).not.toHaveProperty('error')
    expect(seen).toEqual(['a failed', 'a running', 'b running'])
    await lifecycle.stop()
    expect(clock.pending).toBe(0)
  })

  it('waits at most 60 s between attempts', async () => {
    const lifecycle = await start([make('a', { create: failing(Infinity) })])
    await clock.advance(1_000_000)
    const { attempts, retryAt } = lifecycle.get('a')!
    expect(retryAt! - clock.now()).toBeLessThanOrEqual(60_000)
    expect(attempts).toBeGreaterThan(1_000_000 / 60_000)
    await lifecycle.stop()
  })

  it('tells why one fails, once per reason, however often it is tried', async () => {
    const lines: { level: number; err: { message: string } }[] = []
    const logger = createLogger({
      destination: { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) },
    })
    let calls = 0
    const create = () => Promise.reject(new Error(++calls <= 10 ? 'no table' : 'no disk'))
    const lifecycle = await startCapabilities([make('a', { create })], makeContext, { logger, clock })
    await clock.advance(2_000_000)
    expect(calls).toBeGreaterThan(20)
    expect(lines.map(({ level, err }) => [level, err.message])).toEqual([
      [50, 'no table'],
      [50, 'no disk'],
    ])
    await lifecycle.stop()
  })

  it('tries a failed one at once when what it depends on comes up', async () => {
    const lifecycle = await start([
      make('a', { create: failing(1) }),
      make('b', { dependsOn: ['a'], create: failing(1) }),
    ])
    expect(states(lifecycle)).toEqual({ a: 'failed', b: 'failed' })
    await clock.advance(1_000)
    expect(states(lifecycle)).toEqual({ a: 'running', b: 'running' })
    await lifecycle.stop()
  })

  it('undoes what a failed start left: its ports, listeners and signal', async () => {
    let heard = 0
    const signals: AbortSignal[] = []
    const attempt = failing(1)
    const create = (context: AnyContext): Promise<unknown> => {
      context.ports.provide('cache', {} as Cache)
      context.events.on('config.changed', () => void heard++)
      signals.push(context.signal)
      return attempt()
    }
    const lifecycle = await start([make('a', { create })])
    expect(ports.find('cache')).toBeUndefined()
    expect(signals[0]?.aborted).toBe(true)
    await clock.advance(1_000)
    expect(states(lifecycle)).toEqual({ a: 'running' })
    expect(signals[1]?.aborted).toBe(false)
    events.emit('config.changed', { path: 'x', actor: 'y' })
    await clock.advance(0)
    expect(heard).toBe(1)
    await lifecycle.stop()
    expect(ports.find('cache')).toBeUndefined()
    expect(signals[1]?.aborted).toBe(true)
  })

  it('does not let a slow start hold up the others, and adopts it when it succeeds', async () => {
    let finish = (_value: string): void => undefined
    const create = (): Promise<unknown> => new Promise((resolve) => void (finish = resolve))
    const starting = start([make('a', { create }), make('b', { dependsOn: ['a'] })])
    await clock.advance(5_000)
    const lifecycle = await starting
    expect(states(lifecycle)).toEqual({ a: 'starting', b: 'degraded' })
    finish('late')
    await clock.advance(0)
    expect(states(lifecycle)).toEqual({ a: 'running', b: 'running' })
    await lifecycle.stop()
  })

  it('gives each its deadline to stop, and survives one that fails to', async () => {
    const lifecycle = await start([
      make('a', { dispose: () => Promise.reject(new Error('no')) }),
      make('b', { dependsOn: ['a'], dispose: () => new Promise(() => undefined) }),
    ])
    let done = false
    const stopped = lifecycle.stop({ deadlineMs: 3_000 }).then(() => (done = true))
    await clock.advance(2_999)
    expect(done).toBe(false)
    await clock.advance(1)
    await stopped
    expect(states(lifecycle)).toEqual({ a: 'stopped', b: 'stopped' })
  })

  it('disposes a service whose start finishes only while stopping', async () => {
    let finish = (_value: string): void => undefined
    const create = (): Promise<unknown> => new Promise((resolve) => void (finish = resolve))
    const starting = start([make('a', { create })])
    await clock.advance(5_000)
    const lifecycle = await starting
    const stopped = lifecycle.stop({ deadlineMs: 1_000 })
    finish('late')
    await stopped
    expect(log).toEqual(['+a', '-a'])
    expect(lifecycle.get('a')?.state).toBe('stopped')
  })

  it('stops retrying when told to stop, and stops once', async () => {
    const lifecycle = await start([make('a', { create: failing(Infinity) })])
    await Promise.all([lifecycle.stop(), lifecycle.stop()])
    await clock.advance(100_000)
    expect(lifecycle.get('a')?.attempts).toBe(1)
    expect(log).toEqual([])
  })

  it('refuses a circle before starting anything', async () => {
    const circle = start([make('x'), make('a', { dependsOn: ['b'] }), make('b', { dependsOn: ['a'] })])
    await expect(circle).rejects.toMatchObject({ code: 'CORE_DEPENDENCY_CYCLE' })
    expect(log).toEqual([])
  })
})
