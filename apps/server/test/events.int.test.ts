import { testDatabase, waitFor, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CONTROL_TOKEN, controlPlane, type ControlPlane } from './fixtures/control-plane.ts'

let database: TestDatabase
let plane: ControlPlane

beforeAll(async () => {
  database = await testDatabase()
  plane = await controlPlane({ databaseUrl: database.url })
})
afterAll(async () => {
  await plane.stop()
  await database.stop()
})

const headers = { authorization: `Bearer ${CONTROL_TOKEN}` }

async function follow(as: Record<string, string> = headers): Promise<{
  text: () => string
  ended: () => boolean
  response: Response
  abort: () => void
}> {
  const aborter = new AbortController()
  const response = await fetch(`${plane.url}/api/events`, { headers: as, signal: aborter.signal })
  let text = ''
  let ended = false
  const decoder = new TextDecoder()
  void (async () => {
    try {
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true })
    } catch {
      // Aborted by the test.
    }
    ended = true
  })()
  return { text: () => text, ended: () => ended, response, abort: () => aborter.abort() }
}

test('progress, audit and settings arrive as events', async () => {
  const stream = await follow()
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(stream.response.headers.get('x-content-type-options')).toBe('nosniff')
  const run = await fetch(`${plane.url}/api/counter/actions/add`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'x-run-id': 'my-run' },
    body: '{}',
  })
  expect(run.status).toBe(200)
  await plane.call('PUT', '/api/performance/settings', { 'counter.step': 2 })
  await waitFor(() => stream.text().includes('event: config.changed'))
  const text = stream.text()
  expect(text).toContain(
    'event: action.progress\ndata: {"capability":"counter","action":"add","runId":"my-run","fraction":0.5,"message":"half way"}\n\n',
  )
  expect(text).toContain('"fraction":1}')
  expect(text).toContain('event: audit.recorded\ndata: {"action":"counter.add","actor":"control"}\n\n')
  expect(text).toContain('event: config.changed\ndata: {"path":"counter.step","actor":"control"}\n\n')
  stream.abort()
})

test('a stranger gets no events', async () => {
  expect((await fetch(`${plane.url}/api/events`)).status).toBe(401)
})

test('stopping ends the streams and does not wait for their clients', async () => {
  const other = await controlPlane({ databaseUrl: await database.createDatabase() })
  const response = await fetch(`${other.url}/api/events`, { headers })
  const startedAt = performance.now()
  await other.stop()
  expect(performance.now() - startedAt).toBeLessThan(4_000)
  await response.text()
})

test('a viewer is not told by the stream what the audit log does not show them', async () => {
  await plane.call('POST', '/api/users', { name: 'watcher', password: 'password of watcher', role: 'viewer' })
  const { cookie } = await plane.signIn('watcher', 'password of watcher')
  const viewer = await follow({ cookie })
  const operator = await follow()
  try {
    await plane.call('PUT', '/api/performance/settings', { 'counter.step': 3 })
    await waitFor(() => operator.text().includes('event: audit.recorded'))
    await plane.call('PUT', '/api/performance/settings', { 'counter.step': 4 })
    await waitFor(() => viewer.text().split('event: config.changed').length === 3)
    expect(viewer.text()).not.toContain('audit.recorded')
  } finally {
    viewer.abort()
    operator.abort()
  }
})
