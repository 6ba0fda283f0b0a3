import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { AnyCapability } from '@millrace/core'
import { testDatabase, waitFor, type TestDatabase } from '@millrace/testing'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { capability as counter, type Counter } from './fixtures/counter-capability.ts'
import { controlPlane } from './fixtures/control-plane.ts'

let database: TestDatabase
let other: TestDatabase
let redis: TestRedis
beforeAll(async () => {
  ;[database, other, redis] = await Promise.all([testDatabase(), testDatabase(), testRedis()])
})
afterAll(() => Promise.all([database.stop(), other.stop(), redis.stop()]))

interface Ready {
  status: string
  checks: { name: string; state: string; latencyMs: number }[]
}
const checkOf = (ready: Ready, name: string) => ready.checks.find((check) => check.name === name)

/** The counter, and the service that was made of it. */
function watched(): { capabilities: AnyCapability[]; service: () => Counter } {
  let made: Counter | undefined
  const capability = {
    ...counter,
    create: async (context: never) => (made = (await counter.create(context)) as Counter),
  } as unknown as AnyCapability
  return { capabilities: [capability], service: () => made! }
}

test('two control planes of two regions hear each other, and Redis is one of their dependencies', async () => {
  const config = { redis: { host: '127.0.0.1', port: redis.server.port } }
  const [here, there] = [watched(), watched()]
  await using first = await controlPlane({
    databaseUrl: database.url,
    config,
    capabilities: here.capabilities,
  })
  await using second = await controlPlane({
    databaseUrl: other.url,
    config,
    capabilities: there.capabilities,
  })
  const ready = async (): Promise<Ready> => (await second.call('GET', '/health/ready')).json<Ready>()
  expect(checkOf(await ready(), 'redis')).toMatchObject({ state: 'healthy', latencyMs: expect.any(Number) })

  await first.call('PUT', '/api/performance/settings', { 'counter.step': 7 })
  await waitFor(() => here.service().changes.length > 0)
  await waitFor(() => there.service().changes.length > 0)
  expect(there.service().changes).toEqual(here.service().changes)
  // Its jobs are in Redis.
  expect(await redis.server.command('SMEMBERS', '{millrace:jobs}:queues')).not.toEqual([])

  await redis.server.kill()
  await waitFor(async () => checkOf(await ready(), 'redis')?.state === 'degraded', { deadlineMs: 10_000 })
  expect(await ready()).toMatchObject({ status: 'degraded' })
  expect((await second.call('GET', '/health/ready')).statusCode).toBe(200)
  expect((await second.call('POST', '/api/counter/actions/add', {})).statusCode).toBe(200)
  await redis.server.start()
  await waitFor(async () => (await ready()).status === 'ready', { deadlineMs: 10_000 })
})

test('a control plane starts while its Redis is away', async () => {
  await using plane = await controlPlane({
    databaseUrl: database.url,
    config: { redis: { url: 'redis://127.0.0.1:1' } },
  })
  const response = await plane.call('GET', '/health/ready')
  expect(response.statusCode).toBe(200)
  expect(response.json<Ready>()).toMatchObject({ status: 'degraded' })
  // Nothing of where it is said to be.
  expect(response.body).not.toContain('127.0.0.1')
})

test('without Redis nothing is said of it', async () => {
  await using plane = await controlPlane({ databaseUrl: database.url })
  const ready = (await plane.call('GET', '/health/ready')).json<Ready>()
  expect(ready.status).toBe('ready')
  expect(ready.checks.map(({ name }) => name)).toEqual(['database', 'counter'])
})

test('without Redis its clients are not even loaded', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-server-'))
  const file = fileURLToPath(new URL('fixtures/without-redis.ts', import.meta.url))
  const args = ['--conditions=millrace:source', file, database.url, dataDir]
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 })
    // The database's client is there to show that what is loaded is seen.
    expect(JSON.parse(stdout)).toEqual({ database: true, redis: [] })
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})
