import { testRedis, type TestRedis } from '@millrace/testing/redis'
import { redisSettings, silentLogger, systemClock, type SharedCacheModule } from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import { waitFor } from '@millrace/testing'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { assetsConfig } from '../../src/config.ts'
import { createImageServer, type ImageServer } from '../../src/server/image-server.ts'
import { noise, photo } from '../photos.ts'
import { Origin } from './origin.ts'

// Named by path, as the supervisor names it: the packages know nothing of one another.
const MODULE = new URL('../../../cache/src/shared-cache.ts', import.meta.url).href

let redis: TestRedis
let origin: Origin
const open: { server: ImageServer; folder: string }[] = []

beforeAll(async () => {
  ;[redis, origin] = await Promise.all([testRedis(), Origin.start()])
  origin.files.set('/x.jpg', { body: await photo('black-canyon') })
})
afterAll(() => Promise.all([redis.stop(), origin.stop()]))
afterEach(async () => {
  for (const { server, folder } of open.splice(0)) {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
})

const shared = (): SharedCacheModule => ({
  module: MODULE,
  options: { redis: redisSettings.parse({ url: redis.url }) },
})

/** An image process of a machine of its own: nothing but Redis in common with others. */
async function machine(from: SharedCacheModule | undefined = shared()) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-assets-shared-'))
  const server = await createImageServer({
    config: assetsConfig.parse({}),
    origin: origin.url,
    internalPrefixes: [],
    folder,
    shared: from,
    registry: new MetricRegistry(),
    clock: systemClock,
    logger: silentLogger,
  })
  open.push({ server, folder })
  return async (query: string) => {
    const { statusCode, headers, rawPayload } = await server.app.inject(`/_millrace/image?${query}`)
    return { status: statusCode, result: headers['x-image-result'], etag: headers['etag'], body: rawPayload }
  }
}

/** Those with a result; a place that is about to be written holds a mark of 16 digits for a moment. */
async function keys(): Promise<string[]> {
  const names = (await redis.server.command('KEYS', 'millrace:images:image:*')) as string[]
  const lengths = await Promise.all(names.map((name) => redis.server.command('STRLEN', name)))
  return names.filter((_, at) => Number(lengths[at]) > 1_000)
}

it('a picture that one machine has made, another need not make', async () => {
  const [first, second] = [await machine(), await machine()]
  const made = await first('src=/x.jpg&w=640')
  expect(made).toMatchObject({ status: 200, result: 'optimized' })
  await waitFor(async () => (await keys()).length === 1)
  const found = await second('src=/x.jpg&w=640')
  expect(found).toEqual({ ...made, result: 'shared' })
  expect((await second('src=/x.jpg&w=640')).result).toBe('memory')
})

it('one that was damaged on the way is made again, and one larger than 1 MiB is not sent', async () => {
  const [first, second] = [await machine(), await machine()]
  await first('src=/x.jpg&w=384')
  await waitFor(async () => (await keys()).length === 2)
  for (const name of await keys()) {
    const length = Number(await redis.server.command('STRLEN', name))
    await redis.server.command('SETRANGE', name, length - 100, 'damaged')
  }
  expect(await second('src=/x.jpg&w=384')).toMatchObject({ status: 200, result: 'optimized' })

  origin.files.set('/noise.png', { body: await noise(800, 500).png().toBuffer() })
  const before = (await keys()).length
  const large = await first('src=/noise.png&w=800&format=png&q=100')
  expect(large.body.byteLength).toBeGreaterThan(1_048_576)
  expect(await first('src=/x.jpg&w=256')).toMatchObject({ result: 'optimized' })
  await waitFor(async () => (await keys()).length > before)
  expect(await keys()).toHaveLength(before + 1)
})

it('pictures are made as ever while Redis is away, and without a module that can be used', async () => {
  const from = shared()
  await redis.server.kill()
  const [alone, broken] = [await machine(from), await machine({ module: 'file:///no-such.ts', options: {} })]
  const started = performance.now()
  expect(await alone('src=/x.jpg&w=128')).toMatchObject({ status: 200, result: 'optimized' })
  expect(await broken('src=/x.jpg&w=128')).toMatchObject({ status: 200, result: 'optimized' })
  expect(performance.now() - started).toBeLessThan(10_000)
})
