import { testDatabase, waitFor, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROFILE_SCHEMA } from './processes/postgres-origin.ts'
import { startProducer } from './processes/start.ts'
import { temporaryFolder } from './set-up.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database?.stop())

async function rows(): Promise<Map<string, string>> {
  const { rows } = await database.pool.query<{ id: string; name: string }>('select id, name from profile')
  return new Map(rows.map(({ id, name }) => [id, name]))
}

const reset = (): Promise<unknown> =>
  database.pool.query(`drop table if exists profile; drop table if exists effects; ${PROFILE_SCHEMA}`)

/** The number in `<pid>:<number>`, of which each process counts its own. */
const numberOf = (value: string | undefined): number => Number(value?.split(':')[1] ?? 0)

describe('write-behind into PostgreSQL, killed with SIGKILL under load', () => {
  it('delivers every acknowledged write, and the origin has the last value of every key', async () => {
    await reset()
    const directory = temporaryFolder()
    const acknowledged = new Map<string, string>()
    for (let life = 0; life < 2; life++) {
      const producer = await startProducer(directory, database.url)
      await waitFor(() => producer.acknowledgements() > 150, { deadlineMs: 20_000 })
      await producer.kill()
      for (const [id, value] of producer.acknowledged) acknowledged.set(id, value)
    }
    // The heir writes on lanes of its own, so that what it replays is not overwritten before it can be looked at.
    const heir = await startProducer(directory, database.url, '0')
    await heir.stop()
    expect(heir.closed()).toBe(0)

    const found = await rows()
    for (const [id, value] of acknowledged) {
      // A write that was journaled when the process died, before it could say so, may have come after.
      expect(found.get(id)?.split(':')[0]).toBe(value.split(':')[0])
      expect(numberOf(found.get(id))).toBeGreaterThanOrEqual(numberOf(value))
    }
    expect(acknowledged.size).toBe(100)
  })

  it('never changes the token of a write, so that each has one effect, however often it was delivered', async () => {
    await reset()
    const directory = temporaryFolder()
    const acknowledged = new Set<string>()
    for (let life = 0; life < 2; life++) {
      const producer = await startProducer(directory, database.url, '4', '20', 'unique')
      await waitFor(() => producer.acknowledgements() > 150, { deadlineMs: 20_000 })
      await producer.kill()
      for (const id of producer.acknowledged.keys()) acknowledged.add(id)
    }
    const heir = await startProducer(directory, database.url, '0')
    await heir.stop()
    const found = await rows()
    expect([...acknowledged].filter((id) => !found.has(id))).toEqual([])
    const { rows: effects } = await database.pool.query('select id from effects')
    expect(effects.length).toBe(found.size)
  })

  it('repeats nothing after an orderly end, and every write took effect exactly once', async () => {
    await reset()
    const directory = temporaryFolder()
    const first = await startProducer(directory, database.url)
    await waitFor(() => first.acknowledgements() > 150, { deadlineMs: 20_000 })
    await first.stop()
    expect(first.closed()).toBe(0)
    const before = await rows()
    expect(before).toEqual(first.acknowledged)
    const heir = await startProducer(directory, database.url, '0')
    await heir.stop()
    const { rows: repeated } = await database.pool.query('select * from effects where deliveries > 1')
    expect(repeated).toEqual([])
    expect(await rows()).toEqual(before)
  })

  it('keeps what is acknowledged while the database is down', async () => {
    await reset()
    const directory = temporaryFolder()
    const producer = await startProducer(directory, '-')
    await waitFor(() => producer.acknowledgements() > 200, { deadlineMs: 20_000 })
    await producer.kill()
    expect(await rows()).toEqual(new Map())
    const heir = await startProducer(directory, database.url, '0')
    await heir.stop()
    const found = await rows()
    for (const [id, value] of producer.acknowledged) {
      expect(numberOf(found.get(id))).toBeGreaterThanOrEqual(numberOf(value))
    }
  })

  it('takes over the journal of a process that was killed, and of none that lives', async () => {
    await reset()
    const directory = temporaryFolder()
    const first = await startProducer(directory, '-', '1')
    await expect(startProducer(directory, '-', '1')).rejects.toThrow('CACHE_JOURNAL_LOCKED')
    await first.kill()
    const heir = await startProducer(directory, '-', '1')
    await waitFor(() => heir.acknowledgements() > 0)
  })
})
