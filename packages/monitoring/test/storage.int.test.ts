import type { RangeQuery } from '@millrace/core'
import { testDatabase, chaosProxy, waitFor, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { START } from './memory-service.ts'
import { report, run, storedService, type StoredService } from './stored-service.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.stop())

const total = async ({ service }: StoredService, query: Partial<RangeQuery>): Promise<number> => {
  const { series } = await service.reader.range({
    metric: 'n_total',
    aggregate: 'sum',
    from: START,
    to: START + HOUR,
    ...query,
  })
  return (series[0]?.values ?? []).reduce<number>((sum, value) => sum + (value ?? 0), 0)
}

const rates = async ({ service }: StoredService, query: Partial<RangeQuery>): Promise<(number | null)[]> => {
  const { series } = await service.reader.range({
    metric: 'n_total',
    aggregate: 'rate',
    from: START,
    to: START + HOUR,
    ...query,
  })
  return series[0]?.values ?? []
}

describe('the seam between memory and PostgreSQL', () => {
  it('neither loses nor doubles a sample, at any width, while the ring moves on', async () => {
    const url = await database.createDatabase()
    const stored = await storedService({ url, now: START })
    await run(stored, 40 * MINUTE)
    for (const width of [4_000, 600, 120, 40, 7]) {
      const values = await rates(stored, { width, to: START + 40 * MINUTE })
      expect(new Set(values.slice(0, -1))).toEqual(new Set([5]))
    }
    // Raw reaches 15 minutes back in memory: the first 25 come from PostgreSQL.
    expect(await total(stored, { to: START + 40 * MINUTE, width: 4_000 })).toBe(40 * 30 * 10)
    expect(await total(stored, { to: START + 40 * MINUTE, width: 40 })).toBe(40 * 30 * 10)
    await stored.stop()
  })

  it('keeps everything over a stop and a start', async () => {
    const url = await database.createDatabase()
    const first = await storedService({ url, now: START })
    await run(first, 7 * MINUTE + 14_000, 3)
    await first.stop()
    const second = await storedService({ url, now: START + 8 * MINUTE })
    const before = await total(second, { width: 4_000, to: START + 8 * MINUTE })
    expect(before).toBe((7 * 30 + 7) * 10 * 3)
    await run(second, 5 * MINUTE, 3)
    const rows = (7 * 30 + 7 + 5 * 30) * 3
    expect(await total(second, { width: 4_000 })).toBe(rows * 10)
    expect(await total(second, { width: 60 })).toBe(rows * 10)
    const { series } = await second.service.reader.range({
      metric: 'wait_seconds',
      aggregate: 'sum',
      from: START,
      to: START + HOUR,
      width: 2,
    })
    expect(series[0]!.values.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(rows * 3)
    // The time it was down is a gap.
    const values = await rates(second, { width: 4_000, by: ['series'] })
    expect(values.filter((value) => value === null)).not.toEqual([])
    await second.stop()
  })

  it('loses at most what was not flushed when it is killed', async () => {
    const url = await database.createDatabase()
    const first = await storedService({ url, now: START })
    await run(first, 5 * MINUTE + 30_000)
    await waitFor(async () => (await database.pool.query('select 1')).rowCount)
    await first.service.flush()
    await run(first, 20_000)
    await first.kill()
    const second = await storedService({ url, now: START + 6 * MINUTE })
    expect(await total(second, { width: 4_000 })).toBe((5 * 30 + 15) * 10)
    await second.stop()
  })

  it('finds series that left memory, and goes on with one that comes back', async () => {
    const url = await database.createDatabase()
    const stored = await storedService({ url, now: START })
    await run(stored, 3 * MINUTE)
    await stored.service.flush()
    await stored.clock.advance(4 * HOUR)
    const span = { from: START, to: START + 5 * HOUR }
    expect(await total(stored, { ...span, width: 4_000 })).toBe(900)
    await run(stored, 2 * MINUTE)
    // Also before the first flush knows that PostgreSQL has its past.
    expect(await total(stored, { ...span, width: 4_000 })).toBe(1_500)
    await stored.service.flush()
    for (const width of [4_000, 300, 6]) expect(await total(stored, { ...span, width })).toBe(1_500)
    await stored.stop()
  })
})

describe('PostgreSQL away', () => {
  it('answers from memory, waits, and stores everything when it is back', async () => {
    const url = await database.createDatabase()
    await using proxy = await chaosProxy({ target: database.server.port })
    const stored = await storedService({ url: url.replace(/:\d+\//, `:${proxy.port}/`), now: START })
    await run(stored, 2 * MINUTE)
    expect(await stored.service.flush()).toBe(true)
    proxy.refuse(true)
    proxy.reset()
    await run(stored, 30 * MINUTE)
    expect(await stored.service.flush()).toBe(false)
    expect(stored.service.health()).toMatchObject({ state: 'degraded' })
    const now = stored.clock.now()
    expect(await total(stored, { from: now - 10 * MINUTE, to: now, width: 4_000 })).toBe(300 * 10)
    // Further back than raw samples reach in memory: in minutes. Further than memory reaches: an honest error.
    expect(await total(stored, { width: 4_000 })).toBe(32 * 30 * 10)
    await expect(total(stored, { from: START - 12 * HOUR })).rejects.toMatchObject({
      code: 'MONITORING_STORAGE_UNAVAILABLE',
    })
    proxy.restore()
    expect(await stored.service.flush()).toBe(true)
    expect(stored.service.health().state).toBe('healthy')
    // Also what left the ring meanwhile: it waited encoded.
    expect(await total(stored, { width: 4_000 })).toBe(32 * 30 * 10)
    await stored.stop()
  })

  it('keeps unsaved samples in a file when it stops meanwhile, and stores them at the next start', async () => {
    const url = await database.createDatabase()
    await using proxy = await chaosProxy({ target: database.server.port })
    const first = await storedService({ url: url.replace(/:\d+\//, `:${proxy.port}/`), now: START })
    await run(first, 2 * MINUTE)
    await first.service.flush()
    proxy.refuse(true)
    proxy.reset()
    await run(first, 3 * MINUTE)
    await first.service.dispose()
    const second = await storedService({ url, now: START + 6 * MINUTE, dataDir: first.dataDir })
    expect(await total(second, { width: 4_000 })).toBe(5 * 30 * 10)
    await second.stop()
    const third = await storedService({ url, now: START + 7 * MINUTE, dataDir: first.dataDir })
    expect(await total(third, { width: 4_000 })).toBe(5 * 30 * 10)
    await third.stop()
    await first.kill()
  })

  it('drops the oldest beyond its bound and counts them', async () => {
    const url = await database.createDatabase()
    await using proxy = await chaosProxy({ target: database.server.port })
    const stored = await storedService({
      url: url.replace(/:\d+\//, `:${proxy.port}/`),
      now: START,
      config: { memory: { pendingBytes: 65_536 } },
    })
    proxy.refuse(true)
    proxy.reset()
    await run(stored, 20 * MINUTE, 40)
    await stored.service.flush()
    const bytes = (): number => stored.service.pendingBytes
    expect(bytes()).toBeLessThanOrEqual(65_536)
    proxy.restore()
    expect(await stored.service.flush()).toBe(true)
    const now = stored.clock.now()
    expect(await total(stored, { from: now - 10 * MINUTE, to: now, width: 4_000 })).toBe(300 * 10 * 40)
    await stored.stop()
  })
})

describe('retention', () => {
  it('removes each resolution after its time, and answers from the coarser one', async () => {
    const url = await database.createDatabase()
    const stored = await storedService({
      url,
      now: START,
      config: { retention: { raw: '1h', minutes: '6h', hours: '3d' } },
    })
    await run(stored, 5 * MINUTE)
    await stored.service.flush()
    const count = async (table: string): Promise<number> => {
      const { rows } = await stored.service.context.database.query(
        `select count(*)::int n from monitoring.${table}`,
      )
      return (rows[0] as { n: number }).n
    }
    expect([await count('chunks_raw'), await count('chunks_1m'), await count('chunks_1h')]).toEqual([3, 3, 3])
    await stored.clock.advance(3 * HOUR)
    await waitFor(async () => (await count('chunks_raw')) === 0)
    const hour = { from: START, to: START + HOUR, width: 600 }
    expect(await total(stored, hour)).toBe(1_500)
    await stored.clock.advance(5 * HOUR)
    await waitFor(async () => (await count('chunks_1m')) === 0)
    expect(await total(stored, hour)).toBe(1_500)
    await stored.clock.advance(5 * 24 * HOUR)
    await waitFor(async () => (await count('chunks_1h')) === 0)
    await waitFor(async () => (await count('series')) === 0)
    await stored.stop()
  })
})

it('names what it knows in the catalogue, from before a restart too', async () => {
  const url = await database.createDatabase()
  const first = await storedService({ url, now: START })
  first.service.writer.write(report(START, 4))
  await first.stop()
  const second = await storedService({ url, now: START + HOUR })
  expect(await second.service.reader.catalogue()).toEqual([
    { name: 'level', kind: 'gauge', unit: '1', labels: ['series'], series: 4 },
    { name: 'n_total', kind: 'counter', unit: '1', labels: ['series'], series: 4 },
    { name: 'wait_seconds', kind: 'histogram', unit: 's', labels: ['series'], series: 4 },
  ])
  await second.stop()
})
