import { connect, type Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { engineConfig, type EngineOptions } from '../../src/config.ts'
import { createGateway } from '../../src/index.ts'
import { eventually, Fixture } from '../../src/testing/index.ts'
import { WireConnections } from '../../src/wire/wire-connections.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** What became of one request; `begin` is called when it is sent. */
class Outcome implements Dispatcher.DispatchHandler {
  text = ''
  error: Error | undefined
  readonly #begin: (controller: Dispatcher.DispatchController) => void

  constructor(begin: (controller: Dispatcher.DispatchController) => void = () => undefined) {
    this.#begin = begin
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#begin(controller)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.text += `${status} `
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.text += chunk.toString()
  }

  onResponseEnd(): void {
    this.text += ' end'
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.error = error
  }
}

let fixture: Fixture
let connections: WireConnections
let sockets: Socket[]
beforeEach(() => {
  fixture = new Fixture(createGateway)
  sockets = []
})
afterEach(async () => {
  await connections.destroy()
  await fixture.close()
})

const serve = async (
  answer: (socket: Socket, request: string) => void,
  timeouts: EngineOptions['timeouts'] = {},
): Promise<number> => {
  const port = await fixture.rawBackend((socket) => {
    sockets.push(socket)
    socket.on('data', (chunk: Buffer) => answer(socket, chunk.toString('latin1')))
  })
  connections = new WireConnections('127.0.0.1', port, 10, engineConfig.parse({ timeouts }))
  return port
}
const ask = (options: Partial<Dispatcher.DispatchOptions> = {}, outcome = new Outcome()): Outcome => {
  connections.dispatch({ method: 'GET', path: '/', headers: [], body: null, ...options }, outcome)
  return outcome
}
const over = (...outcomes: Outcome[]): Promise<void> =>
  eventually(() => outcomes.every(({ text, error }) => text.endsWith('end') || error !== undefined), 'over')

it('a connection that just broke carries no request, not even one that comes before its end is told', async () => {
  const port = await serve((socket, request) => void (request.startsWith('x') || socket.write(OK)))
  await over(ask())
  const other = connect({ port, host: '127.0.0.1' })
  fixture.cleanup(() => void other.destroy())
  await eventually(() => sockets.length === 2, 'another connection')
  let late: Outcome | undefined
  other.on('data', () => (late = ask({ method: 'POST' })))
  // Both are read in the same turn of the event loop: the first ends the idle connection.
  sockets[0]!.write('HTTP/1.1 408 Request Timeout\r\n\r\n')
  sockets[1]!.write('now')
  await eventually(() => late !== undefined, 'the request')
  await over(late!)
  expect(late).toMatchObject({ error: undefined, text: '200 ok end' })
  expect(sockets).toHaveLength(3)
})

it.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'],
  ['GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n'],
  ['GET', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n'],
])(
  'after %s and %j, where some servers send a body nevertheless, it is not used again',
  async (method, head) => {
    await serve((socket, request) => socket.write(request.includes('/next') ? OK : head))
    await over(ask({ method: method as Dispatcher.HttpMethod }))
    const next = ask({ path: '/next' })
    // What comes late on the first connection is not for the next visitor.
    sockets[0]!.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong')
    await over(next)
    expect(next.text).toBe('200 ok end')
    expect(sockets).toHaveLength(2)
  },
)

it('who leaves while a connection is made leaves it to the next', async () => {
  await serve((socket) => socket.write(OK))
  const gone = Array.from({ length: 5 }, () =>
    ask({}, new Outcome((controller) => controller.abort(new Error('left')))),
  )
  await over(...gone)
  for (const { error } of gone) expect(error?.message).toBe('left')
  const next = Array.from({ length: 5 }, () => ask())
  await over(...next)
  expect(next.map(({ text }) => text)).toEqual(Array.from({ length: 5 }, () => '200 ok end'))
  expect(sockets).toHaveLength(5)
})

it('a connection that was made for nothing is not kept for longer than others', async () => {
  await serve((socket) => socket.write(OK), { backendKeepAliveMs: 100 })
  await over(ask({}, new Outcome((controller) => controller.abort(new Error('left')))))
  await expect.poll(() => sockets[0]?.readableEnded).toBe(true)
})

it('an answer that came while the process stood still is not late', async () => {
  await serve(
    (socket) => {
      socket.write(OK)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000)
    },
    { responseMs: 200 },
  )
  const outcome = ask()
  await over(outcome)
  expect(outcome).toMatchObject({ error: undefined, text: '200 ok end' })
})
