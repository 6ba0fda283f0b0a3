import { silentLogger, systemClock, type ComponentStatus, type ToSupervisor } from '@millrace/core'
import { testDatabase, waitFor } from '@millrace/testing'
import { expect, test } from 'vitest'
import { createIpcLink } from '../src/runtime/ipc-link.ts'
import { controlPlane } from './fixtures/control-plane.ts'

const component = (
  id: string,
  state: ComponentStatus['state'],
  extra: Partial<ComponentStatus> = {},
): ComponentStatus => ({
  id,
  kind: id === 'postgres' ? 'database' : 'instance',
  state,
  restarts: 0,
  ...extra,
})

test('the database is killed and comes back: nothing else has to be restarted', async () => {
  await using database = await testDatabase()
  const link = createIpcLink((_message: ToSupervisor) => true, silentLogger, systemClock)
  link.receive({ type: 'components', components: [component('postgres', 'ready')] })
  await using plane = await controlPlane({ databaseUrl: database.url, runtime: link })
  expect((await plane.call('GET', '/health/ready')).statusCode).toBe(200)
  const browser = await plane.signIn('admin', 'correct horse battery')

  const failedAt = Date.now()
  const { pid } = database.server
  if (pid === undefined) throw new Error('the server does not run')
  process.kill(pid, 'SIGKILL')
  link.receive({
    type: 'components',
    components: [component('postgres', 'restarting', { lastFailure: { at: failedAt, reason: 'killed' } })],
  })
  // How long it is gone is up to the supervisor's backoff: that it was is certain once there is another process.
  await waitFor(() => database.server.pid !== undefined && database.server.pid !== pid, {
    deadlineMs: 30_000,
  })
  expect((await plane.call('GET', '/health')).statusCode).toBe(200)

  // It comes back by itself, and so does everything that needs it: sessions, audit, the incident of its own failure.
  await waitFor(async () => (await browser.call('GET', '/api/auth/session')).statusCode === 200, {
    deadlineMs: 30_000,
  })
  await waitFor(async () => (await plane.call('GET', '/health/ready')).statusCode === 200)
  link.receive({
    type: 'components',
    components: [
      component('postgres', 'ready', {
        lastFailure: { at: failedAt, reason: 'killed' },
        readySince: Date.now(),
        restarts: 1,
      }),
    ],
  })
  expect((await plane.call('POST', '/api/counter/actions/add', {})).statusCode).toBe(200)
  const incident = await waitFor(
    async () => {
      const { incidents } = (await plane.call('GET', '/api/incidents?state=closed')).json<{
        incidents: unknown[]
      }>()
      return incidents[0]
    },
    { deadlineMs: 10_000 },
  )
  expect(incident).toMatchObject({
    component: 'postgres',
    state: 'closed',
    openedAt: failedAt,
    title: 'postgres: killed',
  })
}, 90_000)

test('while the database is away what needs it says so, and the control token still runs what does not', async () => {
  await using database = await testDatabase()
  await using plane = await controlPlane({ databaseUrl: database.url })
  const browser = await plane.signIn('admin', 'correct horse battery')
  await database.server.stop({ deadlineMs: 5_000 })
  const red = await waitFor(
    async () => {
      const ready = await plane.call('GET', '/health/ready')
      return ready.statusCode === 503 && ready
    },
    { deadlineMs: 10_000 },
  )
  expect(red.json()).toMatchObject({
    status: 'unavailable',
    checks: [{ name: 'database', state: 'failed' }, { name: 'counter' }],
  })
  expect((await browser.call('GET', '/api/runtime')).json()).toMatchObject({
    status: 503,
    code: 'SERVER_DATABASE_UNAVAILABLE',
  })
  expect((await plane.call('GET', '/api/runtime')).statusCode).toBe(200)
  const capabilities = await plane.call('GET', '/api/capabilities')
  expect(capabilities.json()).toMatchObject({
    capabilities: [{ name: 'counter', health: { state: 'failed' } }],
  })
  expect((await plane.call('GET', '/api/audit')).json()).toMatchObject({
    code: 'SERVER_DATABASE_UNAVAILABLE',
  })
}, 60_000)

test('incidents are kept over a restart of the control plane and closed by it', async () => {
  await using database = await testDatabase()
  const lastFailure = { at: 5_000, reason: 'exited with code 1' }
  const start = async (components: ComponentStatus[]) => {
    const link = createIpcLink(() => true, silentLogger, systemClock)
    link.receive({ type: 'components', components })
    return { link, plane: await controlPlane({ databaseUrl: database.url, runtime: link }) }
  }
  const first = await start([component('shop/1', 'failed', { lastFailure })])
  try {
    await waitFor(async () =>
      (await first.plane.call('GET', '/api/incidents?state=open')).body.includes('shop/1'),
    )
  } finally {
    await first.plane.stop()
  }
  const second = await start([component('shop/1', 'ready', { lastFailure, readySince: 6_000 })])
  try {
    const closed = await waitFor(async () => {
      const { incidents } = (await second.plane.call('GET', '/api/incidents')).json<{
        incidents: { state: string }[]
      }>()
      return incidents.length === 1 && incidents[0]?.state === 'closed' && incidents
    })
    expect(closed).toMatchObject([{ openedAt: 5_000, closedAt: 6_000 }])
    expect((await second.plane.call('GET', '/api/performance/dashboard')).json()).toMatchObject({
      openIncidents: 0,
    })
  } finally {
    await second.plane.stop()
  }
}, 60_000)
