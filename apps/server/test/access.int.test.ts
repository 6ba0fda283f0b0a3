import { silentLogger } from '@millrace/core'
import { testDatabase, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashPassword } from '../src/auth/password.ts'
import {
  ADMIN_PASSWORD,
  CONTROL_TOKEN,
  controlPlane,
  TELEMETRY_TOKEN,
  type ControlPlane,
} from './fixtures/control-plane.ts'

let database: TestDatabase
let plane: ControlPlane

beforeAll(async () => {
  database = await testDatabase()
  plane = await controlPlane({ databaseUrl: database.url })
  for (const role of ['viewer', 'operator', 'administrator']) {
    await plane.call('POST', '/api/users', { name: role, password: `password-of-${role}`, role })
  }
})
afterAll(async () => {
  await plane.stop()
  await database.stop()
})

const login = (username: unknown, password: unknown, remoteAddress = '127.0.0.1') =>
  plane.server.app.inject({
    method: 'POST',
    url: '/api/auth/login',
    payload: { username, password },
    remoteAddress,
  })

test('signing in answers with user and CSRF token and sets a cookie that scripts cannot read', async () => {
  const response = await login('admin', ADMIN_PASSWORD)
  expect(response.statusCode).toBe(200)
  expect(response.json()).toMatchObject({ user: { name: 'admin', role: 'administrator' } })
  expect(response.json<{ csrfToken: string }>().csrfToken).toMatch(/^[\w-]{43}$/)
  expect(response.cookies[0]).toMatchObject({
    name: expect.stringMatching(/^millrace_session_[0-9a-f]{8}$/) as string,
    httpOnly: true,
    sameSite: 'Lax',
    // Not sent to the application, which has the same host and port when the panel is behind the gateway.
    path: '/api',
    maxAge: 12 * 3600 - 1,
  })
  expect(response.cookies[0]).not.toHaveProperty('secure')
  // The secret itself is nowhere in the database.
  const { rows } = await database.pool.query('select * from platform.sessions')
  expect(JSON.stringify(rows)).not.toContain(response.cookies[0]?.value)
})

test('two installations on one machine have cookies of their own, and each keeps its own over a restart', async () => {
  const databaseUrl = await database.createDatabase()
  const first = await controlPlane({ databaseUrl })
  const [before] = (await first.signIn('admin', ADMIN_PASSWORD)).cookie.split('=')
  await first.stop()
  await using again = await controlPlane({ databaseUrl })
  const other = await again.signIn('admin', ADMIN_PASSWORD)
  expect(other.cookie.split('=')[0]).toBe(before)
  const here = await plane.signIn('admin', ADMIN_PASSWORD)
  expect(here.cookie.split('=')[0]).not.toBe(before)
  // A browser sends both to both.
  const cookie = `${here.cookie}; ${other.cookie}`
  for (const { server } of [plane, again]) {
    expect((await server.app.inject({ url: '/api/auth/session', headers: { cookie } })).statusCode).toBe(200)
  }
})

test('a cookie that cannot be judged yet is answered with "starting", not with "sign in"', async () => {
  await using starting = await controlPlane({ databaseUrl: database.url, start: false })
  const ask = (cookie?: string) =>
    starting.server.app.inject({ url: '/api/auth/session', headers: cookie === undefined ? {} : { cookie } })
  expect((await ask('millrace_session_12345678=x')).json()).toMatchObject({ code: 'SERVER_NOT_STARTED' })
  expect((await ask()).json()).toMatchObject({ code: 'SERVER_SIGN_IN_REQUIRED' })
})

test('behind the gateway with TLS the cookie is Secure', async () => {
  const response = await plane.server.app.inject({
    method: 'POST',
    url: '/api/auth/login',
    headers: { 'x-forwarded-proto': 'https' },
    payload: { username: 'admin', password: ADMIN_PASSWORD },
  })
  expect(response.cookies[0]).toMatchObject({ secure: true })
})

test('a wrong password and an unknown name look the same, and both cost a hash', async () => {
  const timed = async (username: string, password: string, from: string) => {
    const startedAt = performance.now()
    const response = await login(username, password, from)
    return { ms: performance.now() - startedAt, response }
  }
  await login('warm-up', 'not the password', '10.0.0.9')
  const wrong = await timed('admin', 'not the password', '10.0.0.9')
  const unknown = await timed('nobody-here', 'not the password', '10.0.0.9')
  const { requestId: _a, ...first } = wrong.response.json<Record<string, unknown>>()
  const { requestId: _b, ...second } = unknown.response.json<Record<string, unknown>>()
  expect(first).toEqual(second)
  expect(first).toMatchObject({ status: 401, code: 'SERVER_CREDENTIALS_WRONG' })
  // A hash takes 100 ms at least; without one the unknown name would answer in a few.
  expect(unknown.ms).toBeGreaterThan(40)
})

test('a sign-in that met a busy moment leaves nothing behind', async () => {
  await using fresh = await controlPlane({ databaseUrl: await database.createDatabase() })
  const unknown = () =>
    fresh.server.app.inject({
      method: 'POST',
      url: '/api/auth/login',
      payload: { username: 'nobody', password: 'not the password' },
    })
  const hashes = Array.from({ length: 34 }, () => hashPassword('something to do'))
  expect((await unknown()).json()).toMatchObject({ status: 503, code: 'SERVER_BUSY' })
  await Promise.all(hashes)
  expect((await unknown()).json()).toMatchObject({ status: 401 })
}, 60_000)

test('after ten attempts a name is closed for that address, also with the right password', async () => {
  for (let i = 0; i < 10; i++)
    expect((await login('viewer', 'wrong password', '10.1.1.1')).statusCode).toBe(401)
  const limited = await login('viewer', 'password-of-viewer', '10.1.1.1')
  expect(limited.statusCode).toBe(429)
  expect(limited.json()).toMatchObject({ code: 'SERVER_LOGIN_LIMITED' })
  expect(Number(limited.headers['retry-after'])).toBeGreaterThan(200)
  expect((await login('viewer', 'password-of-viewer', '10.1.1.2')).statusCode).toBe(200)
})

test('a change with the cookie needs the CSRF token; reading and bearer tokens do not', async () => {
  const browser = await plane.signIn('operator', 'password-of-operator')
  expect((await browser.call('GET', '/api/runtime', { csrf: null })).statusCode).toBe(200)
  for (const csrf of [null, '', 'wrong', `${browser.csrfToken}x`]) {
    const refused = await browser.call('POST', '/api/counter/actions/add', { payload: {}, csrf })
    expect(refused.json()).toMatchObject({ status: 403, code: 'SERVER_CSRF_TOKEN_WRONG' })
  }
  const other = await plane.signIn('operator', 'password-of-operator')
  const foreign = await browser.call('POST', '/api/counter/actions/add', {
    payload: {},
    csrf: other.csrfToken,
  })
  expect(foreign.statusCode).toBe(403)
  expect((await browser.call('POST', '/api/counter/actions/add', { payload: {} })).statusCode).toBe(200)
  expect((await plane.call('POST', '/api/counter/actions/add', {})).statusCode).toBe(200)
})

test('who may do what', async () => {
  const matrix: [string, string, unknown, 'viewer' | 'operator' | 'administrator'][] = [
    ['GET', '/api/runtime', undefined, 'viewer'],
    ['GET', '/api/capabilities', undefined, 'viewer'],
    ['GET', '/api/counter/values/x', undefined, 'viewer'],
    ['POST', '/api/counter/actions/read', {}, 'viewer'],
    ['POST', '/api/counter/actions/add', {}, 'operator'],
    ['GET', '/api/audit', undefined, 'operator'],
    ['POST', '/api/counter/actions/reset', {}, 'administrator'],
    ['GET', '/api/counter/secrets', undefined, 'administrator'],
    ['GET', '/api/users', undefined, 'administrator'],
    ['GET', '/api/tokens', undefined, 'administrator'],
    ['PUT', '/api/performance/settings', { 'counter.step': 1 }, 'administrator'],
    ['GET', '/api/optimization/images?action=read', undefined, 'viewer'],
    ['POST', '/api/optimization/images', { action: 'add' }, 'operator'],
    ['POST', '/api/optimization/images', { action: 'reset' }, 'administrator'],
  ]
  const roles = ['viewer', 'operator', 'administrator'] as const
  for (const role of roles) {
    const browser = await plane.signIn(role, `password-of-${role}`)
    for (const [method, url, payload, required] of matrix) {
      const response = await browser.call(method as 'GET', url, { payload })
      const allowed = roles.indexOf(role) >= roles.indexOf(required)
      const { code } = response.headers['content-type']?.includes('problem')
        ? response.json<{ code: string }>()
        : { code: 'allowed' }
      const expected = allowed ? [200, 'allowed'] : [403, 'SERVER_ROLE_INSUFFICIENT']
      expect([role, method, url, response.statusCode, code]).toEqual([role, method, url, ...expected])
    }
  }
  for (const [method, url, payload] of matrix) {
    const options = {
      method: method as 'GET',
      url,
      ...(payload === undefined ? {} : { payload: payload as object }),
    }
    const response = await plane.server.app.inject(options)
    expect([method, url, response.statusCode]).toEqual([method, url, 401])
    expect(response.headers['www-authenticate']).toBe('Bearer')
  }
})

test('signing out ends the session for good', async () => {
  const browser = await plane.signIn('viewer', 'password-of-viewer')
  expect((await browser.call('POST', '/api/auth/logout')).statusCode).toBe(204)
  expect((await browser.call('GET', '/api/auth/session')).statusCode).toBe(401)
})

test('changing one’s password ends every other session and keeps this browser signed in', async () => {
  await plane.call('POST', '/api/users', { name: 'maria', password: 'first password', role: 'viewer' })
  const here = await plane.signIn('maria', 'first password')
  const elsewhere = await plane.signIn('maria', 'first password')
  const change = (currentPassword: string, newPassword: string) =>
    here.call('PUT', '/api/auth/password', { payload: { currentPassword, newPassword } })
  expect((await change('wrong password', 'second password')).statusCode).toBe(401)
  expect((await change('first password', 'short')).statusCode).toBe(400)
  const changed = await change('first password', 'second password')
  expect(changed.statusCode).toBe(200)
  expect(changed.cookies[0]?.name).toBe(here.cookie.split('=')[0])
  expect((await elsewhere.call('GET', '/api/auth/session')).statusCode).toBe(401)
  expect((await login('maria', 'first password')).statusCode).toBe(401)
  expect((await login('maria', 'second password')).statusCode).toBe(200)
})

test('a password that is changed while it is being checked is wrong already', async () => {
  await plane.call('POST', '/api/users', { name: 'ruth', password: 'password of ruth', role: 'viewer' })
  // Two are checked at a time, so the sign-in waits with what it has read.
  const busy = Array.from({ length: 6 }, () => hashPassword('something to do'))
  const signingIn = login('ruth', 'password of ruth')
  await plane.call('GET', '/api/users')
  await database.pool.query("update platform.users set password_hash = 'changed' where name = 'ruth'")
  expect((await signingIn).statusCode).toBe(401)
  await Promise.all(busy)
})

test('users are added, changed and removed; a disabled one is out at once', async () => {
  const body = { name: 'otto', password: 'password of otto', role: 'viewer' }
  expect((await plane.call('POST', '/api/users', body)).statusCode).toBe(201)
  expect((await plane.call('POST', '/api/users', body)).json()).toMatchObject({ code: 'SERVER_CONFLICT' })
  const browser = await plane.signIn('otto', 'password of otto')
  expect((await plane.call('PATCH', '/api/users/otto', { disabled: true })).json()).toMatchObject({
    disabled: true,
  })
  expect((await browser.call('GET', '/api/auth/session')).statusCode).toBe(401)
  expect((await login('otto', 'password of otto')).statusCode).toBe(401)
  expect((await plane.call('DELETE', '/api/users/otto')).statusCode).toBe(204)
  expect((await plane.call('DELETE', '/api/users/otto')).statusCode).toBe(404)
  expect((await plane.call('PATCH', '/api/users/otto', {})).statusCode).toBe(400)
  const audit = await plane.call('GET', '/api/audit?action=users.')
  const actions = audit.json<{ entries: { action: string }[] }>().entries.map(({ action }) => action)
  expect(actions.slice(0, 3)).toEqual(['users.remove', 'users.change', 'users.create'])
  expect(audit.body).not.toContain('password of otto')
})

test('the last enabled administrator can be neither removed, demoted nor disabled, not even two at once', async () => {
  await using alone = await controlPlane({ databaseUrl: await database.createDatabase() })
  for (const [method, payload] of [
    ['DELETE', undefined],
    ['PATCH', { role: 'viewer' }],
    ['PATCH', { disabled: true }],
  ] as const) {
    const refused = await alone.call(method, '/api/users/admin', payload)
    expect(refused.json()).toMatchObject({ code: 'SERVER_CONFLICT' })
  }
  await alone.call('POST', '/api/users', {
    name: 'second',
    password: 'second password',
    role: 'administrator',
  })
  const outcomes = await Promise.all(
    ['admin', 'second'].map((name) => alone.call('DELETE', `/api/users/${name}`)),
  )
  expect(new Set(outcomes.map(({ statusCode }) => statusCode))).toEqual(new Set([204, 409]))
})

test('an API token works until it is revoked, with its own role, and is stored as a hash only', async () => {
  const created = await plane.call('POST', '/api/tokens', { name: 'ci', role: 'operator' })
  const { id, token } = created.json<{ id: string; token: string }>()
  expect(token).toMatch(/^mlr_[\w-]{43}$/)
  const withToken = (method: 'GET' | 'POST', url: string) =>
    plane.server.app.inject({ method, url, headers: { authorization: `Bearer ${token}` } })
  expect((await withToken('POST', '/api/counter/actions/add')).statusCode).toBe(200)
  expect((await withToken('GET', '/api/users')).statusCode).toBe(403)
  const listed = await plane.call('GET', '/api/tokens')
  expect(listed.body).not.toContain(token)
  expect(listed.json<{ tokens: { lastUsedAt: number }[] }>().tokens[0]?.lastUsedAt).toBeGreaterThan(0)
  expect((await plane.call('DELETE', `/api/tokens/${id}`)).statusCode).toBe(204)
  expect((await withToken('POST', '/api/counter/actions/add')).statusCode).toBe(401)
  const audited = await plane.call('GET', '/api/audit?action=counter.add&actor=ci')
  expect(audited.json<{ entries: unknown[] }>().entries).toHaveLength(1)
})

test('an expired token and an expired session are refused', async () => {
  const created = await plane.call('POST', '/api/tokens', { name: 'brief', role: 'viewer', expiresInDays: 1 })
  const { token } = created.json<{ token: string }>()
  await database.pool.query(
    "update platform.api_tokens set expires_at = now() - interval '1 s' where name = 'brief'",
  )
  const headers = { authorization: `Bearer ${token}` }
  expect((await plane.server.app.inject({ url: '/api/runtime', headers })).statusCode).toBe(401)
  const browser = await plane.signIn('viewer', 'password-of-viewer')
  await database.pool.query(
    "update platform.sessions set expires_at = now() - interval '1 s' where user_name = 'viewer'",
  )
  expect((await browser.call('GET', '/api/runtime')).statusCode).toBe(401)
})

test('the telemetry token opens /v1/metrics and nothing else', async () => {
  const send = (token: string, url = '/v1/metrics') =>
    plane.server.app.inject({
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${token}` },
      payload: {},
    })
  expect((await send(CONTROL_TOKEN)).statusCode).toBe(401)
  expect((await send(TELEMETRY_TOKEN, '/api/counter/actions/add')).statusCode).toBe(401)
  // Nothing stores metrics here, which it says instead of pretending.
  expect((await send(TELEMETRY_TOKEN)).json()).toMatchObject({
    code: 'CAPABILITY_MISSING',
    capability: 'monitoring',
  })
})

test('server.anonymousRead opens reading to everybody, and only reading for viewers', async () => {
  await using open = await controlPlane({
    databaseUrl: await database.createDatabase(),
    config: { server: { anonymousRead: true } },
  })
  const anonymous = (method: 'GET' | 'POST', url: string, payload?: object) =>
    open.server.app.inject({ method, url, ...(payload === undefined ? {} : { payload }) })
  expect((await anonymous('GET', '/api/capabilities')).statusCode).toBe(200)
  expect((await anonymous('POST', '/api/counter/actions/read', {})).statusCode).toBe(200)
  expect((await anonymous('GET', '/api/optimization/images?action=read')).statusCode).toBe(200)
  expect((await anonymous('POST', '/api/counter/actions/add', {})).statusCode).toBe(401)
  expect((await anonymous('POST', '/api/optimization/images', { action: 'add' })).statusCode).toBe(401)
  expect((await anonymous('GET', '/api/audit')).statusCode).toBe(401)
  expect((await anonymous('GET', '/api/users')).statusCode).toBe(401)
  // Nobody is signed in by it: the panel asks for a password all the same.
  expect((await anonymous('GET', '/api/auth/session')).statusCode).toBe(401)

  // A page whose domain points at this machine may set every header but this one.
  const called = async (host: string, extra: Record<string, string> = {}) =>
    (await open.server.app.inject({ url: '/api/runtime', headers: { host, ...extra } })).statusCode
  for (const host of ['localhost:3000', '127.0.0.1', '[::1]:3000', 'shop.localhost', '192.168.1.5:80']) {
    expect([host, await called(host)]).toEqual([host, 200])
  }
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example']) {
    const disguise = { 'x-forwarded-host': 'localhost', 'x-forwarded-for': '127.0.0.1' }
    expect([host, await called(host), await called(host, disguise)]).toEqual([host, 401, 401])
  }
})

test('the first administrator’s password is generated once, returned once and works', async () => {
  const databaseUrl = await database.createDatabase()
  const config = { server: { adminPassword: undefined } }
  await using first = await controlPlane({ databaseUrl, config, logger: silentLogger })
  expect(first.generatedPassword).toHaveLength(20)
  await first.signIn('admin', first.generatedPassword ?? '')
  await using second = await controlPlane({ databaseUrl, config })
  expect(second.generatedPassword).toBeUndefined()
})
