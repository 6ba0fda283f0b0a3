import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { engineConfig, type EngineOptions } from '../../src/config.ts'
import { createGateway } from '../../src/index.ts'
import { eventually, Fixture } from '../../src/testing/index.ts'
import { WireConnections } from '../../src/wire/wire-connections.ts'

/** What became of one request. */
class Outcome implements Dispatcher.DispatchHandler {
  started = false
  statuses: number[] = []
  body = ''
  ended = false
  error: (Error & { code?: string }) | undefined
  controller: Dispatcher.DispatchController | undefined

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.started = true
    this.controller = controller
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.statuses.push(status)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.body += chunk.toString()
  }

  onResponseEnd(): void {
    if (this.ended || this.error !== undefined) throw new Error('ended twice')
    this.ended = true
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.ended || this.error !== undefined) throw new Error('ended twice')
    this.error = error
  }

  get over(): boolean {
    return this.ended || this.error !== undefined
  }
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe('connections to a backend', () => {
  let fixture: Fixture
  let connections: WireConnections
  const sockets: Socket[] = []
  beforeEach(() => {
    fixture = new Fixture(createGateway)
  })
  afterEach(async () => {
    await connections.destroy()
    sockets.length = 0
    await fixture.close()
  })

  const serve = async (
    answer: (socket: Socket, request: string) => void,
    timeouts: EngineOptions['timeouts'] = {},
    maximum = 10,
  ): Promise<void> => {
    const port = await fixture.rawBackend((socket) => {
      sockets.push(socket)
      socket.on('data', (chunk: Buffer) => answer(socket, chunk.toString('latin1')))
    })
    connections = new WireConnections('127.0.0.1', port, maximum, engineConfig.parse({ timeouts }))
  }
  const ask = (options: Partial<Dispatcher.DispatchOptions> = {}, handler = new Outcome()): Outcome => {
    connections.dispatch({ method: 'GET', path: '/', headers: [], body: null, ...options }, handler)
    return handler
  }
  const settled = async (...outcomes: Outcome[]): Promise<void> =>
    eventually(() => outcomes.every(({ over }) => over), 'all is over')

  it('one after the other use the same one, no more than the maximum are open', async () => {
    await serve((socket) => socket.write(OK), {}, 2)
    for (let i = 0; i < 3; i++) {
      const outcome = ask()
      await settled(outcome)
      expect(outcome).toMatchObject({ ended: true, statuses: [200], body: 'ok' })
    }
    expect(sockets).toHaveLength(1)
    const many = Array.from({ length: 20 }, () => ask())
    await settled(...many)
    expect(many.every(({ body }) => body === 'ok')).toBe(true)
    expect(sockets).toHaveLength(2)
  })

  it.each([
    ['announces too little time', 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n'],
    ['says so', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'],
    ['speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['sends more than the response', `${OK}HTTP/1.1 200 OK\r\n`],
  ])('none is used again when the backend %s', async (_title, answer) => {
    await serve((socket) => socket.write(answer))
    await settled(ask())
    await eventually(() => sockets[0]!.destroyed || sockets[0]!.readableEnded, 'it is closed')
    await settled(ask())
    expect(sockets).toHaveLength(2)
  })

  it('one that the backend closed while it was idle is not used', async () => {
    await serve((socket) => socket.write(OK))
    await settled(ask())
    sockets[0]!.end()
    await eventually(() => sockets[0]!.destroyed, 'both sides are closed')
    const again = ask()
    await settled(again)
    expect(again.body).toBe('ok')
  })

  it.each([
    ['UND_ERR_HEADERS_TIMEOUT', ''],
    ['UND_ERR_HEADERS_TIMEOUT', 'HTTP/1.1 200 OK\r\nX-'],
    ['UND_ERR_BODY_TIMEOUT', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe'],
  ])('silence ends in %s after %j', async (code, answer) => {
    await serve((socket) => void (answer === '' || socket.write(answer)), { responseMs: 60, idleMs: 60 })
    const outcome = ask()
    await settled(outcome)
    expect(outcome.error?.code).toBe(code)
    expect(outcome.started).toBe(true)
  })

  it('a paused response does not time out', async () => {
    await serve((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe'), { idleMs: 40 })
    const outcome = ask()
    await eventually(() => outcome.body === 'he', 'the beginning')
    outcome.controller!.pause()
    const silentUntil = performance.now() + 300
    await eventually(() => performance.now() > silentUntil, 'a while')
    expect(outcome.over).toBe(false)
    sockets[0]!.write('llo')
    outcome.controller!.resume()
    await settled(outcome)
    expect(outcome).toMatchObject({ body: 'hello', ended: true })
  })

  it('a refused connection is told as such, before anything was sent', async () => {
    const port = await fixture.closedPort()
    connections = new WireConnections('127.0.0.1', port, 10, engineConfig.parse({}))
    const outcomes = [ask(), ask(), ask({ upgrade: 'websocket' })]
    await settled(...outcomes)
    for (const { started, error } of outcomes) expect([started, error?.code]).toEqual([false, 'ECONNREFUSED'])
  })

  it.each([
    ['too little', 'abc', '5'],
    ['too much', 'abcdefg', '5'],
  ])('a body of %s ends the connection', async (_title, body, length) => {
    await serve(() => undefined)
    const outcome = ask({
      method: 'POST',
      headers: ['Content-Length', length],
      body: Readable.from([Buffer.from(body)]),
    })
    await settled(outcome)
    expect(outcome.error?.code).toBe('UND_ERR_REQ_CONTENT_LENGTH_MISMATCH')
    await eventually(
      () => sockets.every((socket) => socket.destroyed || socket.readableEnded),
      'it is closed',
    )
  })

  it('a response until the end of the connection is complete by an orderly end only', async () => {
    await serve((socket, request) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\npart', () => {
        if (request.includes('/reset')) socket.resetAndDestroy()
        else socket.end()
      })
    })
    const [whole, cut] = [ask(), ask({ path: '/reset' })]
    await settled(whole, cut)
    expect(whole).toMatchObject({ ended: true, body: 'part' })
    expect(cut.ended).toBe(false)
    expect(cut.error).toBeDefined()
  })

  it('aborting ends the connection, and a request that waits finds another', async () => {
    await serve((socket, request) => void (request.includes('/wait') || socket.write(OK)), {}, 1)
    const first = ask({ path: '/wait' })
    const second = ask()
    await eventually(() => sockets.length === 1 && first.started, 'the first is sent')
    first.controller!.abort(new Error('enough'))
    expect(first.error?.message).toBe('enough')
    await settled(second)
    expect(second.body).toBe('ok')
  })

  it('destroy ends everything', async () => {
    await serve(() => undefined, {}, 1)
    const outcomes = [ask(), ask(), ask({ upgrade: 'websocket' })]
    await eventually(() => outcomes[0]!.started && outcomes[2]!.started, 'two are sent')
    await connections.destroy()
    await settled(...outcomes)
    for (const { error } of outcomes) expect(error?.code).toBe('UND_ERR_DESTROYED')
    const late = ask()
    expect(late.error?.code).toBe('UND_ERR_DESTROYED')
  })
})
