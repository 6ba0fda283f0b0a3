import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { OpenConnection, OpenConnections } from '../../connections-view/model.ts'
import type { EngineSuitePart } from '../engine-suite.ts'

const UPGRADE =
  'GET /chat?room=1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

export const openConnectionsSuite: EngineSuitePart = (fixture) => {
  const waiting: ServerResponse[] = []
  afterEach(() => void waiting.splice(0))
  const list = (limit = 100): Promise<OpenConnections> => fixture().engine.connections!(limit)
  const slow = (): Promise<number> => fixture().backend((_req, res) => void waiting.push(res))
  const busy = async (): Promise<OpenConnection[]> =>
    (await list()).connections.filter(({ requests }) => requests.length > 0)

  it('a request in progress is seen with its pool and backend, and no more when it is answered', async () => {
    await fixture().start(await slow())
    const visitor = await fixture().connect()
    visitor.write('GET /cart?token=secret HTTP/1.1\r\nHost: shop.example\r\n\r\n')
    await expect.poll(() => waiting.length).toBe(1)
    const [connection] = await busy()
    expect(connection).toMatchObject({ address: '127.0.0.1', port: visitor.socket.localPort, tls: false })
    expect(connection!.requests).toMatchObject([
      { pool: 'app', backend: 'app/1', client: '127.0.0.1', state: 'sent' },
    ])
    waiting[0]!.end('done')
    await visitor.until((text) => text.includes('done'))
    await expect.poll(busy).toEqual([])
  })

  it('says what is asked for, without the query, how much was sent, and since when', async () => {
    await fixture().start(await slow())
    const before = Date.now()
    const visitor = await fixture().connect()
    const request = 'GET /cart?token=secret HTTP/1.1\r\nHost: shop.example\r\n\r\n'
    visitor.write(request)
    await expect.poll(() => waiting.length).toBe(1)
    const [connection] = await busy()
    expect(connection).toMatchObject({
      protocol: 'HTTP/1.1',
      receivedBytes: request.length,
      sentBytes: 0,
      requests: [{ method: 'GET', host: 'shop.example', path: '/cart' }],
    })
    expect(connection!.since).toBeGreaterThanOrEqual(before)
    waiting[0]!.write('a part')
    await visitor.until((text) => text.includes('a part'))
    expect((await busy())[0]!.requests[0]!.state).toBe('answering')
  })

  it('idle ones come after those with a request, and of all only as many as are wanted', async () => {
    await fixture().start(await slow())
    for (let i = 0; i < 3; i++) await fixture().connect()
    const visitor = await fixture().connect()
    visitor.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await expect.poll(() => waiting.length).toBe(1)
    await expect.poll(async () => (await list()).total).toBe(4)
    const { total, connections } = await list(2)
    expect([total, connections.length]).toEqual([4, 2])
    expect(connections.map(({ requests }) => requests.length)).toEqual([1, 0])
  })

  it('a WebSocket is one for as long as it is open', async () => {
    const port = await fixture().rawBackend((socket: Socket) =>
      socket.once('data', () =>
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
        ),
      ),
    )
    await fixture().start(port)
    const visitor = await fixture().connect()
    visitor.write(UPGRADE)
    await visitor.until((text) => text.includes('101'))
    await expect
      .poll(async () => (await busy())[0])
      .toMatchObject({
        protocol: 'WebSocket',
        requests: [{ path: '/chat', state: 'tunnel', backend: 'app/1' }],
      })
    visitor.destroy()
    await expect.poll(busy).toEqual([])
  })

  it('one of them can be cut off, and the backend learns of it', async () => {
    await fixture().start(await slow())
    const visitor = await fixture().connect()
    visitor.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await expect.poll(() => waiting.length).toBe(1)
    const [connection] = await busy()
    let aborted = false
    waiting[0]!.on('close', () => void (aborted = true))
    await fixture().engine.disconnect!(connection!.id)
    await expect.poll(() => aborted).toBe(true)
    // HAProxy still answers where nothing has been answered.
    await expect.poll(() => visitor.closed !== undefined || /^HTTP.1.1 50/.test(visitor.text)).toBe(true)
    await expect(fixture().engine.disconnect!(connection!.id)).rejects.toMatchObject({
      code: 'GATEWAY_CONNECTION_UNKNOWN',
    })
  })
}
