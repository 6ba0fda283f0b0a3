import { connect } from 'node:net'
import { testDatabase, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CONTROL_TOKEN, controlPlane, TELEMETRY_TOKEN, type ControlPlane } from './fixtures/control-plane.ts'

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

const authorization = `Bearer ${CONTROL_TOKEN}`
const send = (url: string, payload: string, headers: Record<string, string> = {}) =>
  plane.server.app.inject({
    method: 'POST',
    url,
    payload,
    headers: { authorization, 'content-type': 'application/json', ...headers },
  })

/** Bytes as they are, over a socket; resolves with all that came back. */
const raw = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(plane.url)
    const socket = connect(Number(port), '127.0.0.1', () => socket.end(bytes))
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => (answer += chunk))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })

test('a body beyond the limit is refused with the limit, metrics have a larger one', async () => {
  const megabyte = JSON.stringify({ token: 'x'.repeat(1024 * 1024) })
  const response = await send('/api/counter/actions/add', megabyte)
  expect(response.statusCode).toBe(413)
  expect(response.json()).toMatchObject({ code: 'SERVER_BODY_TOO_LARGE', maxBytes: 1024 * 1024 })
  const telemetry = { authorization: `Bearer ${TELEMETRY_TOKEN}` }
  expect((await send('/v1/metrics', megabyte, telemetry)).statusCode).toBe(503)
  const five = JSON.stringify({ x: 'x'.repeat(4 * 1024 * 1024) })
  expect((await send('/v1/metrics', five, telemetry)).json()).toMatchObject({ maxBytes: 4 * 1024 * 1024 })
})

test('a large body of a stranger is refused before it is read', async () => {
  const response = await send('/api/counter/actions/add', 'x'.repeat(2 * 1024 * 1024), { authorization: '' })
  expect(response.statusCode).toBe(401)
})

test('what is not JSON, or not an object, is a problem document and no stack', async () => {
  const bodies = ['{', '{"a":', 'null', '[]', '"text"', '1', 'undefined', '{"a":1}x', '\u0000', '']
  for (const body of bodies) {
    const response = await send('/api/auth/login', body)
    expect([body, response.statusCode]).toEqual([body, 400])
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(response.body).not.toMatch(/node_modules|at .*\.ts/)
  }
})

test('other media types are refused, which is what keeps cross-site forms out', async () => {
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/xml',
  ]) {
    const response = await send('/api/auth/login', '{"username":"admin","password":"x"}', {
      'content-type': type,
    })
    expect(response.json()).toMatchObject({ status: 415, code: 'SERVER_MEDIA_TYPE_UNSUPPORTED' })
  }
})

test('a prototype cannot be polluted through a body', async () => {
  for (const body of ['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}']) {
    expect((await send('/api/performance/settings', body)).statusCode).toBeGreaterThanOrEqual(400)
    expect((await send('/api/counter/actions/add', body)).statusCode).toBe(400)
  }
  expect({}).not.toHaveProperty('admin')
})

test('wrong types, strange characters and long texts never end in a 500', async () => {
  const values = [
    '\u0000',
    '\ud800',
    "'; drop table platform.users; --",
    'x'.repeat(10_000),
    '../../etc/passwd',
    '\r\nX: y',
    '💥',
    {},
    [],
    null,
    true,
    -1,
    Number.MAX_VALUE,
    0.1,
  ]
  for (const value of values) {
    const attempts = [
      plane.call('POST', '/api/auth/login', { username: value, password: value }),
      plane.call('POST', '/api/users', { name: value, password: value, role: value }),
      plane.call('POST', '/api/tokens', { name: value, role: 'viewer', expiresInDays: value }),
      plane.call('POST', '/api/counter/actions/add', { times: value, token: value }),
      plane.call('PUT', '/api/performance/settings', { 'counter.apiKey': value }),
      plane.call(
        'GET',
        `/api/audit?action=${encodeURIComponent(wellFormed(value))}&actor=${encodeURIComponent(wellFormed(value))}`,
      ),
      plane.call('GET', `/api/audit?before=${encodeURIComponent(wellFormed(value))}`),
      plane.call('GET', `/api/counter/values/${encodeURIComponent(wellFormed(value)) || 'x'}`),
      plane.call(
        'GET',
        `/api/optimization/images?action=read&factor=${encodeURIComponent(wellFormed(value))}`,
      ),
      plane.call('DELETE', `/api/users/${encodeURIComponent(wellFormed(value)) || 'x'}`),
    ]
    for (const [index, response] of (await Promise.all(attempts)).entries()) {
      expect([index, value, response.statusCode >= 500 ? response.body : 'fine']).toEqual([
        index,
        value,
        'fine',
      ])
    }
  }
}, 60_000)

const wellFormed = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed()

test('a file outside the panel cannot be read', async () => {
  for (const path of [
    '/admin/../package.json',
    '/admin/..%2f..%2fpackage.json',
    '/admin/%2e%2e/%2e%2e/etc/passwd',
    '/admin/assets/..%2f..%2fpackage.json',
    '/admin/assets/%00',
  ]) {
    const response = await plane.server.app.inject(path)
    expect(response.body).not.toContain('"dependencies"')
    expect(response.body).not.toContain('root:')
  }
})

test('headers cannot be injected or smuggled', async () => {
  const host = 'Host: 127.0.0.1'
  const injected = await raw(
    `GET /api/runtime HTTP/1.1\r\n${host}\r\nx-run-id: a\rb\r\nConnection: close\r\n\r\n`,
  )
  expect(injected).toMatch(/^HTTP\/1\.1 400/)
  const smuggled = await raw(
    `POST /api/auth/login HTTP/1.1\r\n${host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n${host}\r\n\r\n`,
  )
  expect(smuggled).toMatch(/^HTTP\/1\.1 400/)
  expect(smuggled.match(/HTTP\/1\.1/g)).toHaveLength(1)
  const large = await raw(`GET /health HTTP/1.1\r\n${host}\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)
  expect(large).toMatch(/^HTTP\/1\.1 431/)
})

test('a client elsewhere cannot pretend another address to the login limit', async () => {
  const login = (forwarded: string) =>
    plane.server.app.inject({
      method: 'POST',
      url: '/api/auth/login',
      remoteAddress: '203.0.113.7',
      headers: { 'x-forwarded-for': forwarded },
      payload: { username: 'admin', password: 'wrong password' },
    })
  const statuses = []
  for (let i = 0; i < 11; i++) statuses.push((await login(`198.51.100.${i}`)).statusCode)
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429])
})

test('every answer has the security headers', async () => {
  for (const url of ['/health', '/api/runtime', '/admin/', '/nope']) {
    const { headers } = await plane.server.app.inject(url)
    expect(headers['content-security-policy']).toContain("script-src 'self'")
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['x-powered-by']).toBeUndefined()
  }
})
