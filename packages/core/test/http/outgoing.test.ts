import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createOutgoing,
  hostMatcher,
  type Lookup,
  type Outgoing,
  type OutgoingOptions,
} from '../../src/http/index.ts'

let server: Server
let port = 0
let handle: (request: IncomingMessage, response: ServerResponse) => void
let seen: { url: string | undefined; headers: IncomingMessage['headers'] }[]
const clients: Outgoing[] = []

beforeEach(async () => {
  seen = []
  handle = (_request, response) => response.end('ok')
  server = createServer((request, response) => {
    seen.push({ url: request.url, headers: request.headers })
    handle(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  server.closeAllConnections()
  server.close()
})

function outgoing(options: OutgoingOptions = {}): Outgoing {
  const client = createOutgoing({ allowHosts: [`127.0.0.1:${port}`], timeoutMs: 3_000, ...options })
  clients.push(client)
  return client
}

const local = (path = '/'): string => `http://127.0.0.1:${port}${path}`

/** Answers with each list in turn, the last one from then on. */
const resolver = (...answers: string[][]): Lookup => {
  let call = 0
  return (_hostname, _options, callback) => {
    const addresses = answers[Math.min(call++, answers.length - 1)]!
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
}

describe('createOutgoing', () => {
  it('returns status, headers, body and final address of an allowed host', async () => {
    handle = (request, response) => {
      if (request.url === '/old') response.writeHead(302, { location: '/new#part' }).end('moved')
      else response.writeHead(404, { 'x-one': ['a', 'b'] }).end('nothing')
    }
    const result = await outgoing().fetchBytes(local('/old'), { headers: { 'X-Asked': 'yes' } })
    expect(result).toMatchObject({ status: 404, url: local('/new'), headers: { 'x-one': 'a, b' } })
    expect(result.body.toString()).toBe('nothing')
    expect(seen.map(({ url, headers }) => [url, headers['x-asked']])).toEqual([
      ['/old', 'yes'],
      ['/new', 'yes'],
    ])
  })

  it.each([
    '127.0.0.1',
    'localhost',
    '2130706433',
    '0177.1',
    '0x7f.1',
    '[::1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
  ])('does not dial http://%s', async (host) => {
    const fetched = outgoing({ allowHosts: [] }).fetchBytes(`http://${host}:${port}/`)
    await expect(fetched).rejects.toMatchObject({ code: 'CORE_ADDRESS_FORBIDDEN', status: 403 })
    expect(seen).toEqual([])
  })

  it('checks the very address it dials, each time a name is resolved', async () => {
    const lookup = resolver(['127.0.0.1'])
    const rebound = outgoing({ lookup }).fetchBytes(`http://rebind.example:${port}/`)
    await expect(rebound).rejects.toMatchObject({ details: { host: 'rebind.example', address: '127.0.0.1' } })
    const mixed = outgoing({ lookup: resolver(['8.8.8.8', '10.0.0.1']) })
    await expect(mixed.fetchBytes(`http://mixed.example:${port}/`)).rejects.toMatchObject({
      details: { address: '10.0.0.1' },
    })
    const none = outgoing({ lookup: resolver([]) }).fetchBytes('http://none.example/')
    await expect(none).rejects.toThrow('has no address')
    expect(seen).toEqual([])
  })

  it('lets a host on the list have any address, on that port only', async () => {
    const client = outgoing({ lookup: resolver(['127.0.0.1']), allowHosts: [`media.internal:${port}`] })
    expect((await client.fetchBytes(`http://media.internal:${port}/`)).status).toBe(200)
    await expect(client.fetchBytes('http://media.internal:9/')).rejects.toMatchObject({
      code: 'CORE_ADDRESS_FORBIDDEN',
    })
  })

  it('lifts the check on request', async () => {
    const client = outgoing({ allowHosts: [], allowPrivate: true })
    expect((await client.fetchBytes(local())).body.toString()).toBe('ok')
  })

  it('checks every redirect, and does not hand credentials to another origin', async () => {
    handle = (request, response) => {
      const { host = '' } = request.headers
      if (request.url === '/evil') response.writeHead(302, { location: `http://127.0.0.2:${port}/` }).end()
      else if (request.url === '/file') response.writeHead(302, { location: 'file:///etc/passwd' }).end()
      else if (request.url === '/away') response.writeHead(307, { location: `http://b.test:${port}/` }).end()
      else response.end(host)
    }
    const client = outgoing({
      lookup: resolver(['127.0.0.1']),
      allowHosts: [`127.0.0.1:${port}`, 'a.test', 'b.test'],
    })
    await expect(client.fetchBytes(local('/evil'))).rejects.toMatchObject({ code: 'CORE_ADDRESS_FORBIDDEN' })
    await expect(client.fetchBytes(local('/file'))).rejects.toMatchObject({ code: 'CORE_URL_INVALID' })
    seen = []
    const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'x-other': 'kept' }
    await client.fetchBytes(`http://a.test:${port}/away`, { headers })
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer x', cookie: 'a=b' })
    expect(seen[1]?.headers).toMatchObject({ 'x-other': 'kept', host: `b.test:${port}` })
    expect(seen[1]?.headers).not.toHaveProperty('authorization')
    expect(seen[1]?.headers).not.toHaveProperty('cookie')
  })

  it('follows so many redirects and no more', async () => {
    handle = (_request, response) => response.writeHead(301, { location: '/again' }).end()
    await expect(outgoing({ maxRedirects: 2 }).fetchBytes(local())).rejects.toThrow('more than 2 redirects')
    expect(seen).toHaveLength(3)
    expect((await outgoing({ maxRedirects: 0 }).fetchBytes(local())).status).toBe(301)
  })

  it('stops reading at the limit, with and without a declared length', async () => {
    const client = outgoing({ maxBytes: 1_000 })
    handle = (_request, response) => response.end(Buffer.alloc(1_000))
    expect((await client.fetchBytes(local())).body).toHaveLength(1_000)
    handle = (_request, response) => response.end(Buffer.alloc(1_001))
    await expect(client.fetchBytes(local())).rejects.toMatchObject({ code: 'CORE_RESPONSE_TOO_LARGE' })
    let sent = 0
    handle = (_request, response) => {
      const more = (): void => {
        while (!response.destroyed && sent < 500_000_000) {
          sent += 65_536
          if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', more)
        }
      }
      more()
    }
    await expect(client.fetchBytes(local())).rejects.toMatchObject({ code: 'CORE_RESPONSE_TOO_LARGE' })
    expect(sent).toBeLessThan(100_000_000)
  })

  it('bounds the whole by its timeout, also a body that trickles', async () => {
    const client = outgoing({ timeoutMs: 100 })
    handle = () => undefined
    await expect(client.fetchBytes(local())).rejects.toThrow('no complete answer within 100 ms')
    handle = (_request, response) => {
      const timer = setInterval(() => response.write('x'), 10)
      response.on('close', () => clearInterval(timer))
    }
    await expect(client.fetchBytes(local())).rejects.toMatchObject({
      code: 'CORE_OUTGOING_FAILED',
      status: 502,
    })
  })

  it('ends with the caller’s own reason when aborted', async () => {
    handle = () => undefined
    const controller = new AbortController()
    const fetched = outgoing().fetchBytes(local(), { signal: controller.signal })
    controller.abort(new Error('visitor left'))
    await expect(fetched).rejects.toThrow('visitor left')
    const late = outgoing().fetchBytes(local(), { signal: controller.signal })
    await expect(late).rejects.toThrow('visitor left')
  })

  it.each([
    ['ftp://example.com/', 'only http: and https:'],
    ['data:text/plain,x', 'only http: and https:'],
    ['/relative', 'not an absolute address'],
    ['http://user:hunter2@example.com/', 'credentials do not belong'],
  ])('does not accept %s', async (url, reason) => {
    const error: unknown = await outgoing()
      .fetchBytes(url)
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'CORE_URL_INVALID', status: 400 })
    expect((error as Error).message).toContain(reason)
    expect((error as Error).message).not.toContain('hunter2')
  })

  it('names the reason when nobody listens', async () => {
    server.close()
    await expect(outgoing().fetchBytes(local())).rejects.toThrow('ECONNREFUSED')
  })
})

describe('hostMatcher', () => {
  it('matches names, wildcards, addresses and ports', () => {
    const matches = hostMatcher(['Example.com', '*.svc.local', '127.0.0.1:4000', '[::1]:80'])
    expect(matches('example.com', 1)).toBe(true)
    expect(matches('EXAMPLE.com.', 1)).toBe(true)
    expect(matches('a.example.com', 1)).toBe(false)
    expect(matches('a.b.svc.local', 1)).toBe(true)
    expect(matches('svc.local', 1)).toBe(false)
    expect(matches('evilsvc.local', 1)).toBe(false)
    expect(matches('127.0.0.1', 4000)).toBe(true)
    expect(matches('127.0.0.1', 4001)).toBe(false)
    expect(matches('[::1]', 80)).toBe(true)
  })

  it.each(['http://a', 'a/b', '*', 'a b', '', 'a:b'])('refuses %j as an entry', (entry) => {
    expect(() => hostMatcher([entry])).toThrow('is not accepted')
  })
})
