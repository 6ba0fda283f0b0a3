import { existsSync } from 'node:fs'
import { createPool } from '@millrace/core/postgres'
import { silentLogger } from '@millrace/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testDatabase, waitFor, type TestDatabase } from '../src/index.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.stop())

describe('testDatabase', () => {
  it('is an empty PostgreSQL that its owner may write to', async () => {
    await database.pool.query('create table t (n int)')
    await database.pool.query('insert into t values (1)')
    const { rows } = await database.pool.query<{ n: number; version: string }>('select n, version() from t')
    expect(rows[0]).toMatchObject({ n: 1, version: expect.stringContaining('PostgreSQL 18') })
  })

  it('makes further databases that share nothing', async () => {
    const pool = createPool(await database.createDatabase(), { logger: silentLogger })
    const { rows } = await pool.query(`select count(*)::int as n from pg_tables where schemaname = 'public'`)
    expect(rows).toEqual([{ n: 0 }])
    await pool.end()
  })

  it('comes back after its server is killed', async () => {
    const { pid } = database.server
    process.kill(pid!, 'SIGKILL')
    await waitFor(() => database.server.pid !== pid, { deadlineMs: 20_000 })
    const again = await waitFor(() => database.pool.query('select 1 as one'), { deadlineMs: 20_000 })
    expect(again.rows).toEqual([{ one: 1 }])
  })

  it('leaves nothing behind', async () => {
    const other = await testDatabase()
    const { rows } = await other.pool.query<{ data_directory: string }>('show port')
    expect(rows).toHaveLength(1)
    const { pid } = other.server
    await other.stop()
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH')
    expect(existsSync(`/proc/${pid}`)).toBe(false)
  })
})
