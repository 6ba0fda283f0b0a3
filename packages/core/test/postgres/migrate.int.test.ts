import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testDatabase, type TestDatabase } from '@millrace/testing'
import { silentLogger } from '../../src/index.ts'
import { createPool, migrate, waitForDatabase } from '../../src/postgres/index.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.stop())

const FIRST = {
  name: '0001-items',
  up: 'create table items (id int primary key); insert into items values (1)',
}
const SECOND = { name: '0002-name', up: 'alter table items add name text' }

describe('migrate', () => {
  it('applies what is missing, once, in order', async () => {
    expect(await migrate(database.pool, 'ordered', [FIRST])).toEqual(['0001-items'])
    expect(await migrate(database.pool, 'ordered', [FIRST, SECOND])).toEqual(['0002-name'])
    expect(await migrate(database.pool, 'ordered', [FIRST, SECOND])).toEqual([])
    const { rows } = await database.pool.query('select id, name from ordered.items')
    expect(rows).toEqual([{ id: 1, name: null }])
  })

  it('lets only one of several processes work', async () => {
    const results = await Promise.all(
      Array.from({ length: 5 }, () => migrate(database.pool, 'shared', [FIRST, SECOND])),
    )
    expect(results.flat().toSorted()).toEqual(['0001-items', '0002-name'])
  })

  it('may take longer than the pool lets a query take, and so may the wait for another process', async () => {
    // Half a second in the server plus 5 s for its answer: less than the migration takes.
    const pools = [500, 500].map((statementTimeoutMs) =>
      createPool(database.url, { logger: silentLogger, statementTimeoutMs, max: 1 }),
    )
    try {
      const slow = [{ name: '0001-slow', up: 'select pg_sleep(6)' }]
      const applied = await Promise.all(pools.map((pool) => migrate(pool, 'slow', slow)))
      expect(applied.flat()).toEqual(['0001-slow'])
    } finally {
      await Promise.all(pools.map((pool) => pool.end()))
    }
  }, 30_000)

  it('rolls a failed one back, keeps those before it, and says why', async () => {
    const broken = { name: '0002-broken', up: 'create table half (n int); select 1 / 0' }
    await expect(migrate(database.pool, 'broken', [FIRST, broken])).rejects.toMatchObject({
      code: 'POSTGRES_MIGRATION_FAILED',
      details: { name: '0002-broken', reason: 'division by zero' },
    })
    const { rows } = await database.pool.query(
      `select table_name from information_schema.tables where table_schema = 'broken' order by 1`,
    )
    expect(rows).toEqual([{ table_name: 'items' }, { table_name: 'migrations' }])
    expect(await migrate(database.pool, 'broken', [FIRST, SECOND])).toEqual(['0002-name'])
  })

  it('refuses an applied migration that was changed, except for white space around it', async () => {
    await migrate(database.pool, 'changed', [FIRST])
    expect(await migrate(database.pool, 'changed', [{ ...FIRST, up: `${FIRST.up}\n` }])).toEqual([])
    await expect(
      migrate(database.pool, 'changed', [{ ...FIRST, up: 'create table other (n int)' }]),
    ).rejects.toMatchObject({ code: 'POSTGRES_MIGRATION_CHANGED' })
  })

  it('refuses a database that a newer version wrote', async () => {
    await migrate(database.pool, 'newer', [FIRST, SECOND])
    await expect(migrate(database.pool, 'newer', [FIRST])).rejects.toMatchObject({
      code: 'POSTGRES_MIGRATION_MISSING',
    })
  })
})

describe('createPool', () => {
  it('cancels a statement that takes too long, and goes on', async () => {
    const pool = createPool(database.url, { logger: silentLogger, statementTimeoutMs: 50, max: 1 })
    await expect(pool.query('select pg_sleep(5)')).rejects.toThrow('statement timeout')
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await pool.end()
  })
})

describe('waitForDatabase', () => {
  it('gives up with the address and the reason', async () => {
    await expect(
      waitForDatabase('postgresql://nobody:secret@127.0.0.1:1/none', { timeoutMs: 50 }),
    ).rejects.toMatchObject({ code: 'POSTGRES_UNREACHABLE', details: { address: '127.0.0.1:1' } })
    await waitForDatabase(database.url)
  })
})
