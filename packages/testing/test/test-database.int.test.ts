import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
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

  const folderOf = async (url: string): Promise<string> => {
    const admin = createPool(url, { logger: silentLogger, max: 1 })
    const { rows } = await admin.query<{ data_directory: string }>('show data_directory')
    await admin.end()
    return dirname(rows[0]!.data_directory)
  }
  const runs = (pid: number): boolean => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }

  it('leaves nothing behind', async () => {
    const other = await testDatabase()
    const folder = await folderOf(other.server.url('postgres'))
    const { pid } = other.server
    await other.stop()
    expect(runs(pid!)).toBe(false)
    expect(existsSync(folder)).toBe(false)
  })

  it('leaves nothing behind when the process that runs the tests is killed', async () => {
    const script = `
      import { testDatabase } from '@millrace/testing'
      const { server } = await testDatabase()
      process.stdout.write(JSON.stringify({ pid: server.pid, url: server.url('postgres') }))
      setInterval(() => undefined, 1000)`
    const args = ['--conditions=millrace:source', '--input-type=module', '--eval', script]
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: import.meta.dirname,
    })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const { pid, url } = JSON.parse(String(line)) as { pid: number; url: string }
    const folder = await folderOf(url)
    child.kill('SIGKILL')
    await waitFor(() => !runs(pid) && !existsSync(folder), { deadlineMs: 10_000 })
    expect(existsSync(folder)).toBe(false)
  })
})
