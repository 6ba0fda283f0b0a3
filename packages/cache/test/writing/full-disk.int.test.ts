import { execFileSync } from 'node:child_process'
import { testDatabase, waitFor, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROFILE_SCHEMA } from './processes/postgres-origin.ts'
import { startProducer } from './processes/start.ts'
import { temporaryFolder } from './set-up.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  await database.pool.query(PROFILE_SCHEMA)
})
afterAll(() => database?.stop())

/** From now on no file of that process grows beyond so many bytes: EFBIG, as ENOSPC on a full disk. */
const limitFiles = (pid: number, bytes: number | 'unlimited'): void => {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`])
}

describe('a disk that is full', () => {
  it('refuses writes with a typed error, loses nothing that was acknowledged, and recovers by itself', async () => {
    const directory = temporaryFolder()
    const producer = await startProducer(directory, '-', '4', '2000')
    await waitFor(() => producer.acknowledgements() > 10, { deadlineMs: 20_000 })
    limitFiles(producer.child.pid!, 30_000)
    await waitFor(() => producer.refusals.length > 20, { what: 'refusals' })
    expect(new Set(producer.refusals)).toEqual(new Set(['CACHE_JOURNAL_UNWRITABLE']))

    limitFiles(producer.child.pid!, 'unlimited')
    const before = producer.acknowledgements()
    await waitFor(() => producer.acknowledgements() > before + 20, { what: 'writes taken again' })
    await producer.kill()

    const heir = await startProducer(directory, database.url, '0')
    await heir.stop()
    expect(heir.closed()).toBe(0)
    const { rows } = await database.pool.query<{ id: string; name: string }>('select id, name from profile')
    const found = new Map(rows.map(({ id, name }) => [id, Number(name.split(':')[1])]))
    for (const [id, value] of producer.acknowledged) {
      expect(found.get(id)).toBeGreaterThanOrEqual(Number(value.split(':')[1]))
    }
  })
})
