import { testDatabase, type TestDatabase } from '@millrace/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Receiver } from './receiver.ts'

let database: TestDatabase
let receiver: Receiver
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.stop())
beforeEach(async () => (receiver = await Receiver.start()))
afterEach(() => receiver.close())

const UNDEFINED_TABLE = '42P01'

describe.each([
  ['ESM', 'postgres.mjs'],
  ['CommonJS', 'postgres.cjs'],
])('pg, %s', (_title, file) => {
  it('keeps every way to call query as it was, and measures it by operation', async () => {
    const app = receiver.app(file, { DATABASE_URL: database.url })
    expect(await app.line()).toEqual({
      promise: [{ n: 1 }],
      config: [{ n: 2 }],
      callback: 1,
      values: [{ n: 4 }],
      configCallback: 'SHOW',
      submittable: 3,
      rejected: UNDEFINED_TABLE,
      failedCallback: UNDEFINED_TABLE,
      pool: 'CREATE',
      unhandled: UNDEFINED_TABLE,
    })
    // The application ends by itself: the agent's connection does not hold it.
    expect(await app.exited).toEqual({ code: 0, signal: null })
    expect(receiver.operations()).toEqual({
      SELECT: 4,
      VALUES: 1,
      SHOW: 1,
      DELETE: 1,
      UPDATE: 1,
      CREATE: 1,
      INSERT: 1,
    })
    expect(JSON.stringify(receiver.points)).not.toContain('nothing_here')
    expect(app.errors).toBe('')
  })
})

it('measures a client from the default import', async () => {
  const app = receiver.app('default-import.mjs', { DATABASE_URL: database.url })
  expect(await app.exited).toEqual({ code: 0, signal: null })
  expect(receiver.operations()).toEqual({ SELECT: 1 })
})
