import { connect } from 'node:net'
import { PROBLEM_CONTENT_TYPE } from '@millrace/core'
import { testDatabase, type TestDatabase } from '@millrace/testing'
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

const send = (method: 'POST' | 'PUT', url: string, payload: string) =>
  plane.server.app.inject({
    method,
    url,
    payload,
    headers: { authorization: `Bearer ${CONTROL_TOKEN}`, 'content-type': 'application/json' },
  })

test('an address that cannot be decoded, or is too long, is a problem document like any other', async () => {
  for (const [url, status] of [
    ['/api/users/%ff', 400],
    ['/admin/%ff', 400],
    [`/api/optimization/${'a'.repeat(300)}`, 414],
  ] as const) {
    const response = await plane.server.app.inject(url)
    expect([url, response.statusCode, response.headers['content-type']]).toEqual([
      url,
      status,
      PROBLEM_CONTENT_TYPE,
    ])
    expect(response.json()).toMatchObject({ status, code: 'SERVER_REQUEST_REFUSED' })
  }
})

test('so is the answer to what is not HTTP at all', async () => {
  const answer = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(plane.url).port), '127.0.0.1', () => socket.end(bytes))
      let text = ''
      socket.setEncoding('latin1')
      socket.on('data', (chunk: string) => (text += chunk))
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
    })
  const nonsense = await answer('nonsense\r\n\r\n')
  expect(nonsense).toMatch(/^HTTP\/1\.1 400 /)
  expect(nonsense).toContain(PROBLEM_CONTENT_TYPE)
  const large = await answer(`GET /health HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)
  expect(large).toMatch(/^HTTP\/1\.1 431 /)
  expect(large).toContain('SERVER_HEADERS_TOO_LARGE')
})

test('a value nested without end is refused before anything walks it', async () => {
  const list = `${'['.repeat(500_000)}${']'.repeat(500_000)}`
  for (const [method, url, body] of [
    ['PUT', '/api/performance/settings', `{"counter.step":${list}}`],
    ['POST', '/api/counter/actions/echo', `{"value":${list}}`],
    ['POST', '/api/optimization/images', `{"action":"echo","value":${list}}`],
    ['POST', '/api/auth/login', list],
  ] as const) {
    const response = await send(method, url, body)
    expect([url, response.json()]).toMatchObject([url, { status: 400, code: 'SERVER_BODY_UNREADABLE' }])
  }
})

test('a request with ten thousand mistakes is not answered with all of them', async () => {
  const wrong = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`wrong${i}`, 1]))
  for (const [method, url] of [
    ['POST', '/api/counter/actions/add'],
    ['POST', '/api/performance/scale'],
    ['PUT', '/api/performance/settings'],
  ] as const) {
    const response = await send(method, url, JSON.stringify(wrong))
    expect([url, response.statusCode]).toEqual([url, 400])
    expect(response.body.length).toBeLessThan(3_000)
  }
  const tags = JSON.stringify({ tags: Array.from({ length: 10_000 }, () => 1) })
  const many = await send('POST', '/api/counter/actions/read', tags)
  expect(many.json()).toMatchObject({ code: 'SERVER_INPUT_INVALID', more: 9_980 })
  expect(many.body.length).toBeLessThan(10_000)
  const named = await send('PUT', '/api/performance/settings', JSON.stringify({ ['x'.repeat(500_000)]: 1 }))
  expect(named.body.length).toBeLessThan(10_000)
})

test('HEAD does not open a stream of events', async () => {
  const headers = { authorization: `Bearer ${CONTROL_TOKEN}` }
  const response = await fetch(`${plane.url}/api/events`, {
    method: 'HEAD',
    headers,
    signal: AbortSignal.timeout(5_000),
  })
  expect(response.status).toBe(404)
})
