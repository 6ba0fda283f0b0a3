import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { platformConfig, silentLogger } from '@millrace/core'
import { createServer, type Server } from '@millrace/server'
import { testDatabase, waitFor, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate } from '../scripts/generate.ts'
import { ApiError, createClient, followEvents, unwrap, type LiveEvent } from '../src/index.ts'

const PASSWORD = 'correct horse battery'
let database: TestDatabase
let server: Server
let dataDir: string
let baseUrl: string

beforeAll(async () => {
  database = await testDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-client-'))
  server = await createServer({
    capabilities: [],
    config: platformConfig.parse({ server: { adminPassword: PASSWORD } }),
    databaseUrl: database.url,
    dataDir,
    publicUrl: 'http://127.0.0.1:3000',
    telemetryToken: 'telemetry',
    controlToken: 'control',
    logger: silentLogger,
  })
  baseUrl = (await server.start({ host: '127.0.0.1', port: 0 })).url
})
afterAll(async () => {
  await server.stop()
  await database.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const failure = (call: Promise<unknown>): Promise<ApiError> =>
  call.then(
    () => {
      throw new Error('the call should have failed')
    },
    (error: unknown) => error as ApiError,
  )

/** fetch with a cookie jar, as a browser has one. */
function browserFetch(): (request: Request) => Promise<Response> {
  let cookie = ''
  return async (request) => {
    if (cookie !== '') request.headers.set('cookie', cookie)
    const response = await fetch(request)
    const set = response.headers.getSetCookie()[0]
    if (set !== undefined) cookie = set.split(';', 1)[0] ?? ''
    return response
  }
}

test('with a token: typed data, and problem documents as errors', async () => {
  const client = createClient({ baseUrl, token: 'control' })
  const runtime = await unwrap(client.GET('/api/runtime'))
  expect(runtime).toEqual({ connected: false, publicUrl: 'http://127.0.0.1:3000', components: [] })
  const created = await unwrap(client.POST('/api/tokens', { body: { name: 'x', role: 'viewer' } }))
  expect(created.token).toMatch(/^mlr_/)
  await unwrap(client.DELETE('/api/tokens/{id}', { params: { path: { id: created.id } } }))
  const missing = await failure(unwrap(client.GET('/api/performance/cdn')))
  expect(missing).toBeInstanceOf(ApiError)
  expect(missing).toMatchObject({
    code: 'CAPABILITY_MISSING',
    status: 503,
    title: 'Capability missing',
    details: { capability: 'cdn' },
  })
  const path = { capability: 'wheel', action: 'turn' }
  const unknown = await failure(
    client.POST('/api/{capability}/actions/{action}', { params: { path }, body: {} }),
  )
  expect(unknown.details).toMatchObject({ capability: 'wheel' })
})

test('in a browser: the CSRF token of the login goes with every change', async () => {
  const client = createClient({ baseUrl, fetch: browserFetch() })
  expect((await failure(client.GET('/api/auth/session'))).status).toBe(401)
  await unwrap(client.POST('/api/auth/login', { body: { username: 'admin', password: PASSWORD } }))
  const body = { name: 'maria', password: 'password of maria', role: 'viewer' as const }
  expect((await unwrap(client.POST('/api/users', { body }))).name).toBe('maria')
  await unwrap(client.POST('/api/auth/logout'))
  expect((await failure(client.GET('/api/auth/session'))).code).toBe('SERVER_SIGN_IN_REQUIRED')
})

test('in a browser: after a change of the password the next change has the new session’s CSRF token', async () => {
  const admin = createClient({ baseUrl, token: 'control' })
  const first = 'the first password'
  const body = { name: 'paula', password: first, role: 'viewer' } as const
  await unwrap(admin.POST('/api/users', { body }))
  const client = createClient({ baseUrl, fetch: browserFetch() })
  await unwrap(client.POST('/api/auth/login', { body: { username: 'paula', password: first } }))
  const change = { currentPassword: first, newPassword: 'the second password' }
  await unwrap(client.PUT('/api/auth/password', { body: change }))
  await unwrap(client.POST('/api/auth/logout'))
  expect(await failure(client.GET('/api/auth/session'))).toMatchObject({ code: 'SERVER_SIGN_IN_REQUIRED' })
})

test('Retry-After is on the error', async () => {
  const client = createClient({ baseUrl })
  const login = () =>
    failure(client.POST('/api/auth/login', { body: { username: 'nobody', password: 'wrong' } }))
  for (let i = 0; i < 10; i++) expect((await login()).status).toBe(401)
  const limited = await login()
  expect(limited.code).toBe('SERVER_LOGIN_LIMITED')
  expect(limited.retryAfterSeconds).toBeGreaterThan(100)
})

test('nobody there, no answer in time, an answer that is no problem document', async () => {
  const gone = createClient({ baseUrl: 'http://127.0.0.1:1' })
  expect(await failure(gone.GET('/health'))).toMatchObject({ code: 'UNREACHABLE', status: 0 })
  const silent = createClient({
    baseUrl,
    timeoutMs: 20,
    fetch: (request) =>
      new Promise((_resolve, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason as Error))
      }),
  })
  expect(await failure(silent.GET('/health'))).toMatchObject({ code: 'UNREACHABLE' })
  const proxy = createClient({ baseUrl, fetch: async () => new Response('<html>', { status: 502 }) })
  expect(await failure(proxy.GET('/health'))).toMatchObject({ code: 'HTTP_502', status: 502 })
})

test('a call that its caller aborts says so', async () => {
  const client = createClient({ baseUrl, token: 'control' })
  const error = await failure(client.GET('/health', { signal: AbortSignal.abort() }))
  expect(error.name).toBe('AbortError')
})

test('live events arrive, also after the connection was lost', async () => {
  const aborter = new AbortController()
  const seen: LiveEvent[] = []
  const states: string[] = []
  let connections = 0
  let cut: AbortController | undefined
  const following = followEvents({
    baseUrl,
    token: 'control',
    signal: aborter.signal,
    onEvent: (event) => seen.push(event),
    onState: (state) => states.push(state),
    fetch: (input, init) => {
      connections++
      cut = new AbortController()
      const signals = [cut.signal, ...(init?.signal == null ? [] : [init.signal])]
      return fetch(input, { ...init, signal: AbortSignal.any(signals) })
    },
  })
  const client = createClient({ baseUrl, token: 'control' })
  const change = async (name: string): Promise<void> => {
    const { id } = await unwrap(client.POST('/api/tokens', { body: { name, role: 'viewer' } }))
    await unwrap(client.DELETE('/api/tokens/{id}', { params: { path: { id } } }))
  }
  await waitFor(() => states.at(-1) === 'connected')
  await change('first')
  await waitFor(() => seen.length >= 2)
  expect(seen[0]).toEqual({ name: 'audit.recorded', data: { action: 'tokens.create', actor: 'control' } })
  cut?.abort()
  await waitFor(() => connections === 2 && states.at(-1) === 'connected')
  await change('second')
  await waitFor(() => seen.length >= 4)
  expect(states).toEqual(['connected', 'disconnected', 'connected'])
  aborter.abort()
  await following
})

test('refused credentials end the following', async () => {
  const signal = AbortSignal.timeout(10_000)
  const error = await failure(followEvents({ baseUrl, token: 'wrong', signal, onEvent: () => undefined }))
  expect(error).toMatchObject({ status: 401 })
})

test('the generated types are those of the running document', async () => {
  const written = await readFile(new URL('../src/schema.gen.ts', import.meta.url), 'utf8')
  // After a change of routes or actions: npm --workspace @millrace/api-client run generate
  expect(written).toBe(await generate())
})
