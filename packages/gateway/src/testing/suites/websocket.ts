import { createHash, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { EngineSuitePart } from '../engine-suite.ts'
import { eventually } from '../fixture.ts'
import { statuses } from '../raw-connection.ts'

const HANDSHAKE =
  'GET /chat?room=1 HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

export const webSocketSuite: EngineSuitePart = (fixture) => {
  const servers: { server: Server; sockets: WebSocketServer }[] = []
  const clients: WebSocket[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate()
    for (const { server, sockets } of servers.splice(0)) {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  const echo = async (): Promise<{ port: number; sockets: WebSocketServer; requests: string[] }> => {
    const server = createServer()
    const sockets = new WebSocketServer({ server, maxPayload: 10_000_000 })
    const requests: string[] = []
    sockets.on('connection', (socket, req) => {
      requests.push(`${req.url} ${req.headers['x-forwarded-for'] as string}`)
      socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }))
    })
    servers.push({ server, sockets })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { port: (server.address() as AddressInfo).port, sockets, requests }
  }
  const open = async (path = '/chat?room=1'): Promise<WebSocket> => {
    const client = new WebSocket(`ws://127.0.0.1:${fixture().port}${path}`, { maxPayload: 10_000_000 })
    clients.push(client)
    await new Promise((resolve, reject) => {
      client.once('open', resolve)
      client.once('error', reject)
    })
    return client
  }
  const reply = (client: WebSocket): Promise<Buffer> =>
    new Promise((resolve) => client.once('message', (data) => resolve(data as Buffer)))

  it('messages of any size, both ways', async () => {
    const { port, requests } = await echo()
    await fixture().start(port)
    const client = await open()
    client.send('hello')
    expect((await reply(client)).toString()).toBe('hello')
    const large = randomBytes(1_000_000)
    const answer = reply(client)
    client.send(large)
    const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex')
    expect(digest(await answer)).toBe(digest(large))
    expect(requests).toEqual(['/chat?room=1 127.0.0.1'])
    expect((await fixture().engine.stats()).inFlight).toBe(1)
    client.close()
    await expect.poll(async () => (await fixture().engine.stats()).inFlight).toBe(0)
  })

  it('the close handshake passes with its code', async () => {
    const { port, sockets } = await echo()
    await fixture().start(port)
    const client = await open()
    const closed = new Promise<number>((resolve) => client.once('close', resolve))
    for (const socket of sockets.clients) socket.close(4_001, 'bye')
    expect(await closed).toBe(4_001)
  })

  it('a backend that dies closes the visitor’s side', async () => {
    const { port, sockets } = await echo()
    await fixture().start(port)
    const client = await open()
    const closed = new Promise<number>((resolve) => client.once('close', resolve))
    for (const socket of sockets.clients) socket.terminate()
    expect(await closed).toBe(1_006)
  })

  it('a visitor that dies closes the backend’s side', async () => {
    const { port, sockets } = await echo()
    await fixture().start(port)
    const client = await open()
    client.terminate()
    await expect.poll(() => sockets.clients.size).toBe(0)
  })

  it.each(['', 'x'.repeat(1_000), 'x'.repeat(500_000)])(
    'a visitor who leaves before the backend has answered frees its place (early bytes: %#)',
    async (early) => {
      let asked = false
      const port = await fixture().rawBackend((socket) => socket.on('data', () => (asked = true)))
      await fixture().start(port)
      const connection = await fixture().connect()
      connection.write(HANDSHAKE + early)
      // More than what it keeps for the tunnel, and the gateway leaves by itself.
      await eventually(() => asked || connection.closed !== undefined, 'the backend was asked, or it is over')
      connection.destroy()
      await expect.poll(async () => (await fixture().engine.stats()).inFlight).toBe(0)
      const { connections, pools } = await fixture().engine.stats()
      expect([connections, pools[0]!.backends[0]!.inFlight]).toEqual([0, 0])
    },
  )

  it('a refusal passes as an ordinary response', async () => {
    const port = await fixture().backend((_req, res) => res.end())
    const refusing = await fixture().backend(
      () => undefined,
      (server) =>
        server.on('upgrade', (_req, socket) =>
          socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno'),
        ),
    )
    await fixture().start([refusing])
    const connection = await fixture().connect()
    connection.write(HANDSHAKE)
    await connection.until((text) => text.endsWith('no'))
    expect(statuses(connection.text)).toEqual([401])
    expect(connection.text.endsWith('no')).toBe(true)
    expect(port).toBeGreaterThan(0)
  })

  it('bytes right after the handshake are not lost, and each side can end by itself', async () => {
    let backend: Socket | undefined
    let received = ''
    const port = await fixture().rawBackend((socket) => {
      socket.allowHalfOpen = true
      backend = socket
      socket.on('data', (chunk: Buffer) => {
        if (!received.includes('\r\n\r\n')) {
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
              'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nfirst',
          )
        }
        received += chunk.toString('latin1')
      })
    })
    await fixture().start(port)
    const connection = await fixture().connect()
    connection.write(`${HANDSHAKE}early`)
    await connection.until((text) => text.includes('101 Switching Protocols') && text.endsWith('first'))
    await eventually(() => received.endsWith('early'), 'the visitor’s first bytes arrived')
    connection.socket.end('last')
    await eventually(() => received.endsWith('last') && backend!.readableEnded, 'the visitor’s end arrived')
    backend!.end('still here')
    await connection.untilClosed()
    expect(connection.text.endsWith('still here')).toBe(true)
  })
}
