import { chaosProxy, waitFor } from '@millrace/testing'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRedisEventBus, silentLogger, type Logger, type SharedEventBus } from '../../src/index.ts'
import { connectRedis, settingsFromEnvironment } from '../../src/redis/index.ts'
import { eventBusSuite } from './bus-suite.ts'

let redis: TestRedis
const open: SharedEventBus[] = []
const warnings: Record<string, unknown>[] = []
const logger = {
  ...silentLogger,
  warn: (facts: Record<string, unknown>) => void warnings.push(facts),
} as Logger

beforeAll(async () => {
  redis = await testRedis()
})
afterAll(() => redis.stop())
afterEach(async () => {
  await Promise.all(open.splice(0).map((bus) => bus.close()))
  warnings.splice(0)
})

const settingsFor = (port: number) =>
  settingsFromEnvironment({ REDIS_HOST: '127.0.0.1', REDIS_PORT: String(port) })

async function bus(options: { port?: number; schemas?: Record<string, z.ZodType>; logger?: Logger } = {}) {
  const { port = redis.server.port, schemas } = options
  const made = createRedisEventBus({
    connect: (purpose) => connectRedis(settingsFor(port), { logger: silentLogger, purpose }),
    logger: options.logger ?? logger,
    ...(schemas === undefined ? {} : { schemas }),
  })
  open.push(made)
  await made.connect()
  await waitFor(() => made.connected)
  return made
}

eventBusSuite('createRedisEventBus, connected', (given) => bus({ logger: given }))

/** The paths of `config.changed` that this bus hears, with where each came from. */
function pathsHeard(on: SharedEventBus): string[] {
  const heard: string[] = []
  on.on('config.changed', ({ path }, { remote }) => void heard.push(`${remote ? 'remote' : 'local'} ${path}`))
  return heard
}

describe('createRedisEventBus', () => {
  it('tells every process, once, in order', async () => {
    const buses = [await bus(), await bus(), await bus()]
    const heard = buses.map(pathsHeard)
    for (let n = 0; n < 100; n++) buses[0]!.emit('config.changed', { path: `p${n}`, actor: 'a' })
    const paths = Array.from({ length: 100 }, (_, n) => `p${n}`)
    await waitFor(() => heard[1]!.length === 100 && heard[2]!.length === 100)
    expect(heard[0]).toEqual(paths.map((path) => `local ${path}`))
    expect(heard[1]).toEqual(paths.map((path) => `remote ${path}`))
    expect(heard[2]).toEqual(heard[1])
  })

  it('does not go round in circles when listeners answer one another', async () => {
    const [a, b] = [await bus(), await bus()]
    const heard = [pathsHeard(a), pathsHeard(b)]
    for (const each of [a, b]) {
      each.on('config.changed', async ({ path }, { remote }) => {
        // Also after waiting for something.
        await Promise.resolve()
        if (remote) each.emit('config.changed', { path: `${path}!`, actor: 'a' })
      })
    }
    a.emit('config.changed', { path: 'x', actor: 'a' })
    await waitFor(() => heard[1]!.length === 2)
    a.emit('config.changed', { path: 'end', actor: 'a' })
    await waitFor(() => heard[1]!.includes('local end!'))
    expect(heard).toEqual([
      ['local x', 'local end'],
      ['remote x', 'local x!', 'remote end', 'local end!'],
    ])
  })

  it('keeps to itself what is not for others, and what is too large', async () => {
    const [a, b] = [await bus(), await bus()]
    const heard: string[] = []
    b.onAny((name) => void heard.push(name))
    a.emit('component.changed', { id: 'shop/1', state: 'ready' })
    a.emit('data.changed', { source: 'too large', tags: Array.from({ length: 300_000 }, () => 'tag') })
    a.emit('data.changed', { source: 'x', tags: ['y'.repeat(9_000)] })
    a.emit('deploy.finished', { pool: 'last' })
    await waitFor(() => heard.includes('deploy.finished'))
    expect(heard).toEqual(['deploy.finished'])
    await waitFor(() => warnings.length === 3)
    // Both read it, and say why they do not accept it.
    const refusal = { reason: expect.stringContaining('data.changed') }
    expect(warnings).toMatchObject([{ event: 'data.changed' }, refusal, refusal])
  })

  it('accepts further events by their schema, and nothing else from the channel', async () => {
    const schemas = { 'incident.changed': z.object({ id: z.int() }) }
    const [a, b] = [await bus({ schemas }), await bus({ schemas })]
    const heard: unknown[] = []
    b.onAny((name, event) => void heard.push([name, event]))
    const publish = (text: string) => redis.server.command('PUBLISH', 'millrace:events', text)
    const send = (message: unknown) => publish(JSON.stringify(message))
    await publish('not json')
    await send(null)
    await send({ v: 2, origin: 'x', name: 'config.changed', event: { path: 'p', actor: 'a' } })
    await send({ v: 1, origin: 'x', name: 'config.changed', event: { path: 7, actor: 'a' } })
    await send({ v: 1, origin: 'x', name: '__proto__', event: {} })
    await send({ v: 1, origin: 'x', name: 'toString', event: {} })
    await send({ v: 1, origin: 'x', name: 'incident.changed', event: { id: 1, more: true } })
    a.emit('incident.changed' as never, { id: 2 } as never)
    await waitFor(() => heard.length === 2)
    expect(heard).toEqual([
      ['incident.changed', { id: 1 }],
      ['incident.changed', { id: 2 }],
    ])
    // Each of them was refused, with its reason, in both processes.
    expect(warnings).toHaveLength(12)
  })

  it('serves its own listeners while the server is away, and hears others again by itself', async () => {
    await using proxy = await chaosProxy({ target: redis.server.port })
    const [a, b] = [await bus({ port: proxy.port }), await bus()]
    const heard = [pathsHeard(a), pathsHeard(b)]
    proxy.refuse(true)
    proxy.reset()
    await waitFor(() => !a.connected)
    a.emit('config.changed', { path: 'alone', actor: 'a' })
    a.emit('config.changed', { path: 'still alone', actor: 'a' })
    await waitFor(() => heard[0]!.length === 2)
    await waitFor(() => warnings.length > 0)
    proxy.restore()
    await waitFor(() => a.connected)
    // The two connections come back one after the other.
    await waitFor(() => {
      a.emit('config.changed', { path: 'back', actor: 'a' })
      return heard[1]!.includes('remote back')
    })
    b.emit('config.changed', { path: 'other', actor: 'b' })
    await waitFor(() => heard[0]!.includes('remote other'))
    expect(heard[1]).not.toContain('remote alone')
  })

  it('bounds what is under way, and ends, when the server does not answer', async () => {
    await using proxy = await chaosProxy({ target: redis.server.port })
    const a = await bus({ port: proxy.port })
    const heard = pathsHeard(a)
    proxy.blackhole(true)
    for (let n = 0; n < 1_500; n++) a.emit('config.changed', { path: `${n}`, actor: 'a' })
    await waitFor(() => heard.length === 1_500)
    expect(warnings).toHaveLength(1)
    const started = performance.now()
    await a.close()
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  it('starts without a server', async () => {
    const made = createRedisEventBus({
      connect: (purpose) => connectRedis(settingsFor(1), { logger: silentLogger, purpose }),
      logger,
    })
    open.push(made)
    await made.connect()
    const heard = pathsHeard(made)
    made.emit('config.changed', { path: 'x', actor: 'a' })
    await waitFor(() => heard.length === 1)
    expect(made.connected).toBe(false)
  })
})
