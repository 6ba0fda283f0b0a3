import { createHash } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTls, type DetailedPeerCertificate } from 'node:tls'
import { writeFile } from 'node:fs/promises'
import { WebSocket } from 'undici'
import { Agent as UndiciAgent } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { Fixture } from '../../src/testing/index.ts'
import { FrontFixture, NOT_OPENED } from './front-fixture.ts'

/** Caddy before a gateway, both real. What only a browser can ask for (HTTP/3) is in front.browser.test.ts. */
describe('Caddy as the front', () => {
  let fixture: Fixture
  let front: FrontFixture
  beforeEach(() => {
    fixture = new Fixture(createGateway)
    front = new FrontFixture()
  })
  afterEach(async () => {
    await front.close()
    await fixture.close()
  })

  const trusting = { trustedProxies: ['loopback'] }
  const echo = (): Promise<number> =>
    fixture.backend((req, res) => {
      res.setHeader('content-type', 'application/json')
      res.setHeader('alt-svc', 'h3=":1"')
      res.end(JSON.stringify(req.headers))
    })
  const served = async (): Promise<string> => {
    const socket = connectTls({ port: front.front.port, servername: 'localhost', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const { subject } = socket.getPeerCertificate() as DetailedPeerCertificate
    socket.destroy()
    return String(subject.CN)
  }

  it('says whom a request comes from, and believes no visitor who says it', async () => {
    await fixture.start(await echo(), { ...trusting, geography: { countryHeader: 'cf-ipcountry' } })
    await front.start(fixture.port, { countryHeader: 'cf-ipcountry' })
    const forged = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'bank.example',
      'x-forwarded-port': '1',
      'x-forwarded-prefix': '/x',
      'x-real-ip': '203.0.113.9',
      forwarded: 'for=203.0.113.9',
      'cf-ipcountry': 'DE',
      host: 'shop.example',
    }
    const { headers, text } = await front.ask('/', { headers: forged })
    const seen = JSON.parse(text) as Record<string, string>
    expect(seen['x-forwarded-for']).toBe('127.0.0.1, 127.0.0.1')
    expect(seen['x-forwarded-proto']).toBe('https')
    expect(seen['x-forwarded-host']).toBe('shop.example')
    expect(seen['host']).toBe('shop.example')
    for (const name of ['x-forwarded-port', 'x-forwarded-prefix', 'x-real-ip', 'forwarded', 'cf-ipcountry'])
      expect(seen).not.toHaveProperty(name)
    expect(headers['alt-svc']).toBe(`h3=":${front.front.port}"; ma=2592000`)
    expect(headers).not.toHaveProperty('server')
  })

  it('believes proxies that are trusted', async () => {
    await fixture.start(await echo(), trusting)
    await front.start(fixture.port, { trustedProxies: ['loopback'], countryHeader: 'cf-ipcountry' })
    const { text } = await front.ask('/', {
      headers: { 'x-forwarded-for': '203.0.113.9', 'cf-ipcountry': 'DE' },
    })
    expect(JSON.parse(text)).toMatchObject({
      'x-forwarded-for': '203.0.113.9, 127.0.0.1, 127.0.0.1',
      'cf-ipcountry': 'DE',
    })
  })

  it('serves HTTP/2 with its Early Hints and HTTP/1.1, and nobody without TLS', async () => {
    const backend = await fixture.backend((_req, res) => {
      res.writeEarlyHints({ link: '</shop.css>; rel=preload; as=style' }, () => res.end('page'))
    })
    await fixture.start(backend, trusting)
    await front.start(fixture.port)
    const session = connectHttp2(`https://localhost:${front.front.port}`, { rejectUnauthorized: false })
    const stream = session.request({ ':path': '/two' })
    const hints: unknown[] = []
    stream.on('headers', (early: Record<string, unknown>) => hints.push(early['link']))
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    expect(headers[':status']).toBe(200)
    expect(hints).toEqual(['</shop.css>; rel=preload; as=style'])
    stream.resume()
    await once(stream, 'end')
    session.close()
    const plain = await fetch(`http://127.0.0.1:${front.front.port}/`)
    expect(plain.status).toBe(400)
  })

  it('passes bodies on as they come, guesses no type, and cancels what nobody waits for any more', async () => {
    let left = 0
    let finish: (() => void) | undefined
    const backend = await fixture.backend((req, res) => {
      res.writeHead(200, { 'content-length': '10' })
      res.write('<html')
      finish = () => res.end('<body')
      res.on('close', () => void (left += res.writableFinished ? 0 : 1))
    })
    await fixture.start(backend, { ...trusting, compression: { enabled: false } })
    await front.start(fixture.port)
    const open = (): Promise<{ first: Buffer; response: IncomingMessage }> =>
      new Promise((resolve, reject) => {
        const outgoing = request(
          { port: front.front.port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false },
          (response) => {
            response.on('error', () => undefined)
            response.once('data', (first: Buffer) => resolve({ first, response }))
          },
        )
        outgoing.on('error', reject)
        outgoing.end()
      })
    const whole = await open()
    expect(whole.first.toString()).toBe('<html')
    expect(whole.response.headers['content-type'] ?? '').toBe('')
    finish!()
    await once(whole.response, 'end')
    const cancelled = await open()
    cancelled.response.destroy()
    await expect.poll(() => left).toBe(1)
  })

  it('passes WebSockets through', async () => {
    const backend = await fixture.backend(
      () => undefined,
      (server) => {
        server.on('upgrade', (req, socket) => {
          socket.on('error', () => undefined)
          socket.on('data', () => socket.destroy())
          socket.write(
            `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(req.headers['sec-websocket-key']!)}\r\n\r\n`,
          )
          // One text frame: "hi".
          socket.write(Buffer.from([0x81, 0x02, 0x68, 0x69]))
        })
      },
    )
    await fixture.start(backend, trusting)
    await front.start(fixture.port)
    const dispatcher = new UndiciAgent({ connect: { rejectUnauthorized: false } })
    const socket = new WebSocket(`wss://localhost:${front.front.port}/`, { dispatcher })
    const [message] = (await once(socket as unknown as EventTarget, 'message')) as [{ data: unknown }]
    expect(message.data).toBe('hi')
    socket.close()
    await dispatcher.destroy()
  })

  it('another upstream and another certificate come into force without a failed request', async () => {
    await fixture.start(await echo(), trusting)
    const second = new Fixture(createGateway)
    try {
      await second.start(await second.backend((_req, res) => res.end('second')), trusting)
      await front.start(fixture.port, { certificatesMs: 50 })
      const load = steady()
      for (let round = 0; round < 3; round++) {
        await front.front.update({ upstream: { host: '127.0.0.1', port: second.port } })
        expect((await front.ask('/')).text).toBe('second')
        await front.front.update({ upstream: { host: '127.0.0.1', port: fixture.port } })
      }
      expect(await served()).toBe('one')
      front.makeCertificate('two')
      await expect.poll(served, { timeout: 5_000 }).toBe('two')
      const { answered, failed } = await load.stop()
      // Linux resets connections that wait to be accepted by the socket that Caddy closes; what was sent is answered.
      expect(failed.filter((reason) => !reason.startsWith(NOT_OPENED))).toEqual([])
      expect(failed.length).toBeLessThan(answered / 20)
      expect(answered).toBeGreaterThan(20)
    } finally {
      await second.close()
    }
  })

  it('keeps what it has when a certificate is not one, or Caddy refuses the change', async () => {
    await fixture.start(await echo(), trusting)
    await front.start(fixture.port)
    const files = {
      field: 'tls',
      certificate: `${front.directory}/none.pem`,
      key: `${front.directory}/key.pem`,
    }
    await writeFile(files.certificate, 'half of a certificate')
    await expect(front.front.update({ certificates: [files] })).rejects.toMatchObject({
      code: 'GATEWAY_CERTIFICATE_INVALID',
    })
    const taken = await listening()
    const { port } = taken.address() as { port: number }
    await expect(front.front.update({ port })).rejects.toMatchObject({ code: 'GATEWAY_FRONT_REFUSED' })
    taken.close()
    expect((await front.ask('/')).status).toBe(200)
  })

  it('comes back when it is killed, with what was changed last', async () => {
    await fixture.start(await fixture.backend((_req, res) => res.end('first')), trusting)
    const second = await fixture.backend((_req, res) => res.end('second'))
    await front.start(fixture.port)
    await front.front.update({ upstream: { host: '127.0.0.1', port: second } })
    process.kill(front.front.status().pid!, 'SIGKILL')
    await expect.poll(() => front.front.status().restarts, { timeout: 10_000 }).toBe(1)
    await expect.poll(() => front.front.status().state, { timeout: 10_000 }).toBe('ready')
    expect((await front.ask('/')).text).toBe('second')
  })

  it('ends what a former start left behind', async () => {
    await fixture.start(await echo(), trusting)
    await front.start(fixture.port)
    const { port } = front.front
    await front.front.stop({ deadlineMs: 1_000 })
    const directory = join(front.directory, 'front')
    const former = spawn(
      process.env.CADDY_PATH || 'caddy',
      ['run', '--config', join(directory, 'caddy.json')],
      {
        env: { HOME: directory },
        stdio: 'ignore',
      },
    )
    const exited = once(former, 'exit')
    await expect
      .poll(() =>
        front.ask('/').then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200)
    const next = new FrontFixture()
    try {
      await next.start(fixture.port, { port, directory })
      expect((await next.ask('/')).status).toBe(200)
      expect(await exited).toEqual([0, null])
    } finally {
      former.kill('SIGKILL')
      await next.close()
    }
  })

  it('without Caddy, or with its port taken, the start says so', async () => {
    await expect(front.start(1, { program: 'caddy-that-is-not-there' })).rejects.toMatchObject({
      code: 'GATEWAY_FRONT_MISSING',
      message: expect.stringContaining('apt-get install caddy'),
    })
    await front.close()
    const taken = await listening()
    const { port } = taken.address() as { port: number }
    await expect(front.start(1, { port })).rejects.toMatchObject({
      code: 'GATEWAY_FRONT_REFUSED',
      message: expect.stringContaining('address already in use'),
    })
    taken.close()
  })

  const listening = async (): Promise<Server> => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return server
  }

  /** Four visitors who ask without pause over connections that they keep. */
  function steady(): { stop(): Promise<{ answered: number; failed: string[] }> } {
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })
    const state = { running: true, answered: 0 }
    const failed: string[] = []
    const lane = async (): Promise<void> => {
      while (state.running) {
        const outcome = await front.ask('/', { agent }).then(
          ({ status }) => status,
          (error: Error) => error.message,
        )
        if (outcome === 200) state.answered++
        else failed.push(String(outcome))
      }
    }
    const done = Promise.all(Array.from({ length: 4 }, lane))
    return {
      async stop() {
        state.running = false
        await done
        agent.destroy()
        return { answered: state.answered, failed }
      },
    }
  }
})

const acceptOf = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
