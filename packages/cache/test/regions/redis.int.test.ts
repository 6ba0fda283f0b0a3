import { redisSettings } from '@millrace/core/redis'
import { MetricRegistry } from '@millrace/core/metrics'
import { waitFor } from '@millrace/testing'
import { testRedis, type TestRedis } from '@millrace/testing/redis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { SharedStore } from '../../src/drivers/driver.ts'
import { createRedisStore } from '../../src/drivers/redis/index.ts'
import { createRegionRelay } from '../../src/regions/relay.ts'

let eu: TestRedis
let us: TestRedis
beforeAll(async () => {
  ;[eu, us] = await Promise.all([testRedis(), testRedis()])
})
afterAll(async () => {
  await eu?.stop()
  await us?.stop()
})

let spaces = 0
const store = (name: string, { url }: TestRedis, origin: string): SharedStore =>
  createRedisStore({
    name,
    origin,
    settings: redisSettings.parse({ url, commandTimeoutMs: 200, connectTimeoutMs: 200 }),
  })

interface Process {
  driver: SharedStore
  keys: Set<string>
  everything: () => number
}

async function processIn(name: string, redis: TestRedis): Promise<Process> {
  const driver = store(name, redis, `process-${redis.url}`)
  const keys = new Set<string>()
  let everything = 0
  await driver.connect()
  onTestFinished(() => driver.close())
  await driver.follow({
    onNotices: (notices) => {
      for (const { what } of notices) {
        if (what.kind === 'keys') for (const key of what.keys) keys.add(key)
        if (what.kind === 'stamps' && what.names.includes('*')) everything++
      }
    },
    onGap: () => everything++,
    onConnection: () => undefined,
  })
  return { driver, keys, everything: () => everything }
}

async function twoRegions() {
  const name = `regions-${++spaces}`
  const relay = await createRegionRelay({
    regions: [
      { name: 'eu', store: (origin) => store(name, eu, origin) },
      { name: 'us', store: (origin) => store(name, us, origin) },
    ],
    onStart: 'trust',
    timeoutMs: 500,
    retryBaseMs: 20,
    retryMaxMs: 100,
    registry: new MetricRegistry(),
  })
  onTestFinished(() => relay.close())
  return { relay, inEu: await processIn(name, eu), inUs: await processIn(name, us) }
}

describe('two regions with a Redis each', () => {
  it('hear of each other’s invalidations', async () => {
    const { relay, inEu, inUs } = await twoRegions()
    const { version } = await inUs.driver.stamps([])
    await inUs.driver.write([{ key: 'N:1', version, payload: Buffer.from('old'), ttlMs: 60_000 }])
    await inEu.driver.invalidate({ kind: 'keys', keys: ['N:1'] })
    await waitFor(() => inUs.keys.has('N:1'))
    expect((await inUs.driver.read(['N:1'], [])).records).toEqual([undefined])
    await inUs.driver.invalidate({ kind: 'keys', keys: ['N:2'] })
    await waitFor(() => inEu.keys.has('N:2'))
    await relay.flush()
    expect([...inUs.keys].sort()).toEqual(['N:1', 'N:2'])
    expect(relay.stats().map(({ taken }) => taken)).toEqual([1, 1])
  })

  it('catch up after one of them hung, in both directions', async () => {
    const { relay, inEu, inUs } = await twoRegions()
    us.server.pause()
    try {
      for (let index = 0; index < 200; index++) {
        await inEu.driver.invalidate({ kind: 'keys', keys: [`N:${index}`] })
      }
      await waitFor(() => relay.stats()[1]!.lastError !== undefined)
    } finally {
      us.server.resume()
    }
    await waitFor(() => inUs.keys.size >= 200 || inUs.everything() > 0, { deadlineMs: 10_000 })
    await inUs.driver.invalidate({ kind: 'keys', keys: ['back'] })
    await waitFor(() => inEu.keys.has('back') || inEu.everything() > 0, { deadlineMs: 10_000 })
    expect(await relay.flush()).toBe(true)
  })

  it('make each other stale as a whole when one lost its history', async () => {
    const { relay, inEu, inUs } = await twoRegions()
    await inEu.driver.invalidate({ kind: 'keys', keys: ['N:1'] })
    await waitFor(() => inUs.keys.has('N:1'))
    await eu.server.kill()
    await waitFor(() => !relay.stats()[0]!.following, { deadlineMs: 10_000 })
    await eu.server.start()
    await waitFor(() => inUs.everything() > 0, { deadlineMs: 15_000 })
    await waitFor(() => relay.stats()[0]!.following, { deadlineMs: 10_000 })
    await waitFor(() => inEu.driver.invalidate({ kind: 'keys', keys: ['again'] }))
    await waitFor(() => inUs.keys.has('again'), { deadlineMs: 10_000 })
    expect(relay.stats()[1]!.collapsed).toBeGreaterThan(0)
  })
})
