import { fork, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { platformConfig, type InitMessage, type ToControlPlane, type ToSupervisor } from '@millrace/core'
import { testDatabase, waitFor, type TestDatabase } from '@millrace/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

let database: TestDatabase
let dataDir: string
const children: ChildProcess[] = []

beforeAll(async () => {
  database = await testDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-main-'))
})
afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
})
afterAll(async () => {
  await database.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const counter = new URL('./fixtures/counter-capability.ts', import.meta.url).href

function start() {
  const child = fork(main, {
    execArgv: ['--conditions=millrace:source'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  children.push(child)
  const messages: ToSupervisor[] = []
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.on('message', (message) => messages.push(message as ToSupervisor))
  const heard = <Type extends ToSupervisor['type']>(type: Type) =>
    waitFor(
      () =>
        messages.find((message): message is Extract<ToSupervisor, { type: Type }> => message.type === type),
      { deadlineMs: 30_000, what: `${type}; so far ${output}` },
    )
  const tell = (message: ToControlPlane): boolean => child.send(message)
  const exited = (): Promise<number | string> =>
    waitFor(() => (child.exitCode === null ? child.signalCode : `code ${child.exitCode}`) ?? false, {
      deadlineMs: 15_000,
    })
  return { child, messages, heard, tell, exited, output: () => output }
}

const init = (overrides: Partial<InitMessage> = {}): InitMessage => ({
  type: 'init',
  config: { ...platformConfig.parse({}), counter: {} },
  origins: {},
  databaseUrl: database.url,
  dataDir,
  listen: { host: '127.0.0.1', port: 0 },
  publicUrl: 'http://127.0.0.1:3000',
  capabilities: [counter],
  telemetryToken: 'telemetry',
  controlToken: 'control',
  ...overrides,
})

const get = (url: string, path: string) => fetch(url + path, { headers: { authorization: 'Bearer control' } })

test('hello, init, ready with the generated password, calls to the supervisor, and a clean end when told', async () => {
  const { heard, tell, exited, messages, output } = start()
  await heard('hello')
  tell(init())
  tell({
    type: 'components',
    components: [{ id: 'postgres', kind: 'database', state: 'ready', restarts: 0 }],
  })
  const { url, generatedPassword } = await heard('ready')
  expect(generatedPassword).toHaveLength(20)
  expect(output()).not.toContain(generatedPassword)
  const runtime = await get(url, '/api/runtime')
  expect(await runtime.json()).toMatchObject({
    connected: true,
    components: [{ id: 'postgres', state: 'ready' }],
  })
  const counted = await fetch(`${url}/api/counter/actions/add`, {
    method: 'POST',
    headers: { authorization: 'Bearer control' },
  })
  expect(await counted.json()).toMatchObject({ result: { value: 1 } })
  tell({ type: 'stop', deadlineMs: 5_000 })
  expect(await exited()).toBe('code 0')
  expect(messages.filter(({ type }) => type === 'fatal')).toEqual([])
})

test('it ends when its supervisor is gone', async () => {
  const { child, heard, tell, exited } = start()
  await heard('hello')
  tell(init())
  await heard('ready')
  child.disconnect()
  expect(await exited()).toBe('code 0')
})

test('Ctrl-C alone does not end it: the supervisor decides', async () => {
  const { child, heard, tell, exited } = start()
  await heard('hello')
  tell(init())
  const { url } = await heard('ready')
  child.kill('SIGINT')
  expect((await get(url, '/health')).status).toBe(200)
  child.kill('SIGTERM')
  expect(await exited()).toBe('code 0')
})

test('a capability that cannot be imported is left out; one that cannot start is reported', async () => {
  const { heard, tell, output } = start()
  await heard('hello')
  tell(
    init({
      capabilities: ['file:///nowhere/capability.ts', counter],
      config: { ...platformConfig.parse({}), counter: { step: 0 } },
    }),
  )
  const { url } = await heard('ready')
  const manifest = await (await get(url, '/api/capabilities')).json()
  expect(manifest).toMatchObject({
    capabilities: [{ name: 'counter', state: 'failed', error: { code: 'CORE_CONFIG_INVALID' } }],
  })
  expect(output()).toContain('a capability cannot be mounted')
})

test('a port that is taken is fatal, and says so', async () => {
  const first = start()
  await first.heard('hello')
  first.tell(init())
  const { url } = await first.heard('ready')
  const second = start()
  await second.heard('hello')
  second.tell(init({ listen: { host: '127.0.0.1', port: Number(new URL(url).port) } }))
  expect((await second.heard('fatal')).message).toContain('EADDRINUSE')
  expect(await second.exited()).toBe('code 1')
})
