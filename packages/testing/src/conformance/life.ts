import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import {
  createPorts,
  healthSchema,
  MillraceError,
  PORT_PROVIDERS,
  recommendationSchema,
  type AnyCapability,
  type PortMap,
  type Ports,
} from '@millrace/core'
import { watchHandles } from '../capability/open-handles.ts'
import { createTestContext, type TestContext } from '../capability/test-context.ts'
import { testDatabase, type TestDatabase } from '../database/test-database.ts'
import { chaosProxy } from '../network/chaos-proxy.ts'
import { waitFor } from '../wait/wait-for.ts'
import type { ConformanceOptions } from './conformance.ts'

/** No step of a capability's life may take longer. */
const DEADLINE_MS = 10_000
const MAX_OVERVIEW_BYTES = 64 * 1024

// oxlint-disable-next-line typescript/no-explicit-any
type Context = TestContext<any, any>

/** create, health, overview, recommend, dispose, against a real database that can be taken away. */
export function conformsInLife(capability: AnyCapability, options: ConformanceOptions): void {
  let database: TestDatabase
  beforeAll(async () => {
    database = await testDatabase()
  }, 120_000)
  afterAll(() => database.stop())

  const open = (url = database.url, ports?: Ports): Promise<Context> => {
    const shared = ports ?? createPorts()
    options.provide?.(shared)
    return createTestContext(capability, { config: options.config ?? {}, databaseUrl: url, ports: shared })
  }
  const create = ({ context }: Context): Promise<unknown> =>
    inTime('create', Promise.resolve(capability.create(context)))
  const dispose = (service: unknown): Promise<void> => inTime('dispose', capability.dispose(service))

  it('is created, reports, and is disposed without a trace', async () => {
    // The first time also loads modules, whose handles stay for good reason.
    await using warm = await open()
    await dispose(await create(warm))

    await using test = await open()
    const given = providedPorts(test.context.ports)
    const watch = watchHandles()
    onTestFinished(() => watch.stop())
    await watch.run(() => live(test))
    expect(providedPorts(test.context.ports)).toEqual(given)
    await test.close()
    await waitFor(() => watch.left().length === 0, { deadlineMs: 3_000 }).catch(() => undefined)
    expect(watch.left()).toEqual([])
  })

  const live = async (test: Context): Promise<void> => {
    const service = await create(test)
    expect(healthSchema.parse(await inTime('health', capability.health(service)))).toBeDefined()
    const overview = (await unlessAlone(capability.overview?.(service))) ?? {}
    const text = JSON.stringify(overview)
    expect(JSON.parse(text)).toEqual(overview)
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_OVERVIEW_BYTES)
    const recommendations = (await unlessAlone(capability.recommend?.(service))) ?? []
    const ids = recommendations.map((found) => recommendationSchema.parse(found).id)
    expect(new Set(ids).size).toBe(ids.length)
    await dispose(service)
  }

  it('is created again after it was disposed, on what it left behind', async () => {
    await using test = await open()
    await dispose(await create(test))
    const service = await create(test)
    expect(await inTime('health', capability.health(service))).toMatchObject({ state: expect.any(String) })
    await dispose(service)
  })

  it('still answers for its health, and is disposed in time, when the database is gone', async () => {
    await using proxy = await chaosProxy({ target: database.server.port })
    await using test = await open(database.url.replace(/:\d+\//, `:${proxy.port}/`))
    const service = await create(test)
    proxy.refuse(true)
    proxy.reset()
    const health = await inTime('health', capability.health(service))
    expect(healthSchema.parse(health)).toBeDefined()
    await dispose(service)
  })

  it('honours the signal: it starts no work for a platform that stops, and stops in time', async () => {
    await using stopping = await open()
    const service = await create(stopping)
    stopping.abort()
    await dispose(service)
    await using stopped = await open()
    stopped.abort()
    // It may refuse to start or start idle, but it must decide.
    const late = await create(stopped).then(
      (made) => ({ made }),
      (error: unknown) => ({ error }),
    )
    if ('made' in late) await dispose(late.made)
    expect(stopped.context.signal.aborted).toBe(true)
  })
}

/** Alone in a test a capability may say, with these codes only, that what it reads from is not there. */
const ALONE = new Set(['CORE_RUNTIME_UNAVAILABLE', 'CORE_PORT_MISSING'])

async function unlessAlone<Result>(work: Promise<Result> | undefined): Promise<Result | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof MillraceError && ALONE.has(error.code)) return undefined
    throw error
  }
}

const providedPorts = (ports: Ports): string[] =>
  Object.keys(PORT_PROVIDERS).filter((name) => ports.find(name as keyof PortMap) !== undefined)

async function inTime<Result>(what: string, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${DEADLINE_MS} ms`)), DEADLINE_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
