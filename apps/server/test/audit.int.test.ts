import { createLogger } from '@millrace/core'
import { createPostgresJobQueue } from '@millrace/core/jobs'
import { testDatabase, waitFor } from '@millrace/testing'
import { expect, test } from 'vitest'
import { RETENTION_JOB } from '../src/audit/retention.ts'
import { ADMIN_PASSWORD, controlPlane, type ControlPlane } from './fixtures/control-plane.ts'

const logger = createLogger({ level: 'silent' })

const actions = async (plane: ControlPlane): Promise<string[]> => {
  const answer = await plane.call('GET', '/api/audit')
  return answer.json<{ entries: { action: string }[] }>().entries.map(({ action }) => action)
}

test('what was done while the database was away is in the audit log once it is back, with the time it was done', async () => {
  await using database = await testDatabase()
  await using plane = await controlPlane({ databaseUrl: database.url })
  await plane.signIn('admin', ADMIN_PASSWORD)
  const { pool } = database
  // The table alone is away: an action that needs no database goes on, its record does not.
  await pool.query('alter table platform.audit_log rename to audit_log_away')
  await pool.query(`create view platform.audit_log as select * from platform.audit_log_away`)
  await pool.query(`create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`)
  await pool.query(`create trigger refuse instead of insert on platform.audit_log
    for each row execute function refuse()`)
  const startedAt = Date.now()
  const added = await plane.call('POST', '/api/counter/actions/add', {})
  const doneAt = Date.now()
  expect(added.statusCode).toBe(200)
  expect(added.json()).not.toHaveProperty('auditId')
  expect(await actions(plane)).not.toContain('counter.add')

  await pool.query('drop view platform.audit_log')
  await pool.query('alter table platform.audit_log_away rename to audit_log')
  const entry = await waitFor(
    async () => {
      const answer = await plane.call('GET', '/api/audit?action=counter.add')
      return answer.json<{ entries: { at: number }[] }>().entries[0]
    },
    { deadlineMs: 10_000 },
  )
  expect(entry).toMatchObject({ action: 'counter.add', outcome: 'ok', after: { value: 1 } })
  expect(entry.at).toBeGreaterThanOrEqual(startedAt)
  expect(entry.at).toBeLessThanOrEqual(doneAt)
  expect((await actions(plane)).filter((action) => action === 'counter.add')).toHaveLength(1)
}, 60_000)

test('a job removes audit entries and closed incidents that are older than server.historyDays, and nothing else', async () => {
  await using database = await testDatabase()
  await using plane = await controlPlane({ databaseUrl: database.url })
  const { pool } = database
  expect(
    (await plane.call('PUT', '/api/performance/settings', { 'server.historyDays': 30 })).statusCode,
  ).toBe(200)
  await pool.query(`insert into platform.audit_log (at, actor_kind, actor_name, actor_role, action, outcome)
    select now() - make_interval(days => day), 'user', 'maria', 'operator', 'day.' || day, 'ok'
    from unnest(array[1, 29, 31, 500]) day`)
  // More than one batch.
  await pool.query(`insert into platform.audit_log (at, actor_kind, actor_name, actor_role, action, outcome)
    select now() - interval '40 days', 'user', 'maria', 'operator', 'old', 'ok' from generate_series(1, 12000)`)
  await pool.query(`insert into platform.incidents (id, component, kind, title, opened_at, closed_at, timeline)
    select gen_random_uuid(), name, 'instance', name, now() - interval '90 days', closed, '[]'
    from (values ('closed long ago', now() - interval '31 days'), ('closed lately', now()),
      ('open', null)) incidents (name, closed)`)

  const { rows } = await pool.query('select cron from millrace_jobs.schedule where name = $1', [
    RETENTION_JOB,
  ])
  expect(rows).toEqual([{ cron: '23 3 * * *' }])
  const queue = await createPostgresJobQueue({ url: database.url, logger })
  try {
    await queue.enqueue(RETENTION_JOB, {})
  } finally {
    await queue.stop()
  }
  const left = async () => (await actions(plane)).toSorted().join()
  await waitFor(async () => (await left()) === 'day.1,day.29,settings.update', { deadlineMs: 30_000 })
  const titles = async () => {
    const { incidents } = (await plane.call('GET', '/api/incidents')).json<{
      incidents: { title: string }[]
    }>()
    return incidents.map(({ title }) => title).toSorted()
  }
  await waitFor(async () => (await titles()).length === 2)
  expect(await titles()).toEqual(['closed lately', 'open'])
}, 60_000)
