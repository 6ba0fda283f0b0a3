import { request } from 'node:https'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { allocatePort } from '@millrace/core/process'
import { engineConfig } from '../../src/config.ts'
import type { GatewayTable, RouteEntry } from '../../src/drivers/driver.ts'
import { exportNginx } from '../../src/export/nginx/nginx.ts'
import { createGateway } from '../../src/index.ts'
import { eventually, Fixture } from '../../src/testing/index.ts'
import { NginxServer } from '../support/nginx-server.ts'
import { hostileTable } from './tables.ts'

let fixture: Fixture
let nginx: NginxServer
beforeEach(async () => {
  copies = []
  fixture = new Fixture(createGateway)
  nginx = await NginxServer.create()
})
afterEach(async () => {
  await nginx.close()
  await fixture.close()
})

interface Copy {
  url: string | undefined
  headers: object
}
let copies: Copy[] = []

const echo = (name: string): Promise<number> =>
  fixture.backend((req, res) => {
    const { host, connection: _connection, 'x-request-id': _id, ...headers } = req.headers
    if (name === 'copy') copies.push({ url: req.url, headers })
    req.resume()
    res.end(JSON.stringify({ name, method: req.method, url: req.url, host, headers }))
  })

async function start(routes: RouteEntry[], names: string[], options: object = {}): Promise<number> {
  const pools = await Promise.all(
    names.map(async (name) => ({
      name,
      backends: name === 'none' ? [] : [{ id: `${name}/1`, host: '127.0.0.1', port: await echo(name) }],
    })),
  )
  const table = { routes, pools }
  const config = engineConfig.parse({ compression: { enabled: false }, ...options })
  await fixture.start(table, { compression: { enabled: false }, ...options })
  const port = await allocatePort()
  const { text } = exportNginx({ table, config, listen: { host: '127.0.0.1', port }, health: {} })
  await nginx.start(text, port)
  return port
}

interface Asked {
  host?: string
  path: string
  method?: string
  headers?: Record<string, string>
}

interface Seen {
  status: number
  name?: string
  headers?: Record<string, string>
}

async function ask(
  port: number,
  { host = 'any.example', path, method = 'GET', headers = {} }: Asked,
): Promise<Seen> {
  const own = fixture.port
  fixture.port = port
  try {
    const { status, text } = await fixture.ask(path, { method, headers: { host, ...headers } })
    if (status !== 200) return { status }
    if (method === 'HEAD') return { status }
    return { ...(JSON.parse(text) as Seen), status }
  } finally {
    fixture.port = own
  }
}

it('sends the same requests to the same pools as our engine, with the same paths and headers', async () => {
  const names = ['root', 'shop', 'api', 'beta', 'cart', 'wild', 'deep', 'a', 'b', 'at', 'admin']
  const routes: RouteEntry[] = [
    { prefix: '/', pool: 'root' },
    { prefix: '/shop', pool: 'shop' },
    { prefix: '/shop/cart/', pool: 'cart', stripPrefix: true },
    { prefix: '/shop', pool: 'beta', headers: [{ name: 'x-beta', value: 'On"$\\' }] },
    {
      prefix: '/shop',
      pool: 'b',
      headers: [{ name: 'x-beta', pattern: '[a-c]+|(?P<n>é$)' }],
      methods: ['GET'],
    },
    { prefix: '/API', pool: 'api', methods: ['POST', 'PUT'] },
    { prefix: '/a.b', pool: 'a', stripPrefix: true },
    { prefix: '/$uri/(x)', pool: 'b', stripPrefix: true },
    { prefix: '/', pool: 'wild', host: '*.example.org' },
    { prefix: '/x', pool: 'deep', host: '*.deep.example.org' },
    { prefix: '/only', pool: 'a', host: 'WWW.deep.example.org' },
    { prefix: '/only', pool: 'b', host: 'bare.example', headers: [{ name: 'cookie' }] },
    { prefix: '/country', pool: 'at', countries: ['AT', 'CH'] },
    { prefix: '/admin', pool: 'admin', access: 'loopback' },
  ]
  const port = await start(routes, names, {
    trustedProxies: ['loopback'],
    geography: { countryHeader: 'cf-ipcountry' },
    via: 'mill',
  })
  const paths = [
    '/', '/shop', '/shop/', '/shop?a=/1', '/shopping', '/shop/cart', '/shop/cart/', '/shop/cart?q', '/shop/cart/1//2?x',
    '/Shop', '/%73hop', '/shop/../admin', '/shop/./1', '//shop', '/shop//1', '/API/x', '/api/x', '/a.b/1', '/axb/1', '/a.b',
    '/$uri/(x)/1', '/$uri/(x)', '/x', '/x/1', '/only', '/only/1', '/country/1', '/admin', '/admin/1?x', '/%2fshop', '/1%2F..%2Fshop',
    '//millrace/route/1', '/millrace/route/13', '/%2fmillrace/route/13', '///millrace/mirror/1', '/?/shop', '/shop%3Fa', '/a%20b?c=%20',
  ] // prettier-ignore
  const hosts = [
    'any.example', 'example.org', 'a.example.org', 'a.b.example.org', 'www.deep.example.org', 'deep.example.org', 'WWW.Deep.Example.ORG:80',
    'x.deep.example.org.', 'bare.example', 'localhost:1', '127.0.0.1',
  ] // prettier-ignore
  const extras: Omit<Asked, 'path'>[] = [
    {},
    { method: 'POST' },
    { headers: { 'x-beta': 'On"$\\' } },
    { headers: { 'x-beta': 'on"$\\' } },
    { headers: { 'x-beta': 'abba', cookie: 'a=1' } },
    { headers: { 'x-beta': 'abbad' }, method: 'PUT' },
    { headers: { 'cf-ipcountry': 'at', 'x-forwarded-for': '203.0.113.9, 127.0.0.1' } },
    {
      headers: { 'cf-ipcountry': 'XX', 'x-forwarded-proto': 'https', forwarded: 'for=1.2.3.4', via: '1.0 a' },
    },
    { headers: { 'x-forwarded-prefix': '/forged', 'x-millrace-split': 'forged' } },
  ]
  let compared = 0
  for (const host of hosts) {
    for (const path of paths) {
      for (const extra of extras) {
        const asked = { host, path, ...extra }
        const [ours, theirs] = await Promise.all([ask(fixture.port, asked), ask(port, asked)])
        expect({ asked, ...theirs }).toEqual({ asked, ...ours })
        compared++
      }
    }
  }
  expect(compared).toBe(paths.length * hosts.length * extras.length)
}, 120_000)

it('takes what hostile names, paths and patterns are made of, and nothing of it is configuration', async () => {
  const listen = { host: '127.0.0.1', port: 4_000 }
  await fc.assert(
    fc.asyncProperty(hostileTable, async (table: GatewayTable) => {
      const config = engineConfig.parse({
        geography: { countryHeader: 'cf-ipcountry' },
        trustedProxies: ['loopback'],
      })
      const input = { table, config, listen, health: {} }
      const { text } = exportNginx(input)
      const refusal = await nginx.refusal(text)
      expect(refusal).toBeUndefined()
      expect(exportNginx(structuredClone(input)).text).toBe(text)
    }),
    { numRuns: 25 },
  )
}, 60_000)

it('shares traffic out, copies requests, and limits rates as the table says', async () => {
  const port = await start(
    [
      {
        prefix: '/split',
        pool: 'old',
        split: {
          name: 'release',
          kind: 'canary',
          parts: [
            { pool: 'old', share: 70 },
            { pool: 'new', share: 30 },
          ],
        },
      },
      { prefix: '/mirrored', pool: 'old', mirror: { pool: 'copy', share: 100 }, stripPrefix: true },
      { prefix: '/limited', pool: 'old', rateLimit: { perSecond: 0.01, burst: 3 } },
      { prefix: '/empty', pool: 'none' },
    ],
    ['old', 'new', 'copy', 'none'],
  )
  const counts: Record<string, number> = {}
  for (let i = 0; i < 400; i++) {
    const { name = '', headers = {} } = await ask(port, { path: '/split' })
    counts[name] = (counts[name] ?? 0) + 1
    expect(headers['x-millrace-split']).toBe(`release=${name}`)
  }
  // Six standard deviations.
  expect(Math.abs(counts['new']! - 120)).toBeLessThan(55)
  expect(counts['new']! + counts['old']!).toBe(400)
  await ask(port, { path: '/mirrored/1?a=b' })
  await ask(port, { path: '/mirrored', method: 'POST' })
  await eventually(() => copies.length > 0, 'a copy arrives')
  expect(copies).toMatchObject([
    { url: '/1?a=b', headers: { 'x-millrace-mirror': '1', 'x-forwarded-prefix': '/mirrored' } },
  ])
  const limited = await Promise.all([1, 2, 3, 4, 5].map(() => ask(port, { path: '/limited' })))
  expect(limited.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 200, 429, 429])
  expect(await ask(port, { path: '/nowhere' })).toEqual({ status: 404 })
  expect(await ask(port, { path: '/empty' })).toEqual({ status: 503 })
  expect(nginx.said).not.toMatch(/emerg|crit/)
})

const file = (name: string): string => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url))

it('speaks TLS with the gateway’s certificate, passes WebSockets on, and keeps visitors at a backend', async () => {
  const sockets = new WebSocketServer({ noServer: true })
  const echoing = await fixture.backend(
    (req, res) => res.end(String(req.headers['x-forwarded-proto'])),
    (backend) =>
      backend.on('upgrade', (req, socket, head) =>
        sockets.handleUpgrade(req, socket, head, (one) => one.on('message', (data) => one.send(data))),
      ),
  )
  const hashed = await Promise.all(
    ['1', '2', '3'].map(async (id) => ({
      id: `hashed/${id}`,
      host: '127.0.0.1',
      port: await fixture.backend((_req, res) => res.end(id)),
      weight: 0.3,
    })),
  )
  const [port, secure] = [await allocatePort(), await allocatePort()]
  const table: GatewayTable = {
    routes: [
      { prefix: '/', pool: 'app' },
      { prefix: '/hashed', pool: 'hashed' },
    ],
    pools: [
      { name: 'app', backends: [{ id: 'app/1', host: '127.0.0.1', port: echoing }] },
      { name: 'hashed', balance: 'ip-hash', backends: hashed },
    ],
  }
  const tls = {
    enabled: true,
    port: secure,
    certificate: file('certificate.pem'),
    key: file('key.pem'),
    hstsMaxAgeSeconds: 60,
  }
  const config = engineConfig.parse({ tls, trustedProxies: ['loopback'] })
  const { text } = exportNginx({ table, config, listen: { host: '127.0.0.1', port }, health: {} })
  await nginx.start(text, port)
  const answer = await new Promise<{ hsts: unknown; text: string }>((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: secure,
      rejectUnauthorized: false,
      agent: false,
      timeout: 5_000,
    }
    const outgoing = request(options, (res) => {
      res
        .setEncoding('utf8')
        .on('data', (body: string) => resolve({ hsts: res.headers['strict-transport-security'], text: body }))
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 5 s')))
    outgoing.on('error', reject).end()
  })
  expect(answer).toEqual({ hsts: 'max-age=60', text: 'https' })
  const visitor = new WebSocket(`ws://127.0.0.1:${port}/socket`)
  try {
    const heard = await new Promise<string>((resolve, reject) => {
      visitor.on('open', () => visitor.send('hello'))
      visitor.on('message', (data) => resolve(String(data as Buffer)))
      visitor.on('error', reject)
    })
    expect(heard).toBe('hello')
  } finally {
    visitor.terminate()
    sockets.close()
  }
  fixture.port = port
  const backendOf = async (client: string): Promise<string> =>
    (await fixture.ask('/hashed', { headers: { 'x-forwarded-for': client } })).text
  const clients = Array.from({ length: 24 }, (_, at) => `198.51.100.${at}`)
  const first = await Promise.all(clients.map(backendOf))
  expect(await Promise.all(clients.map(backendOf))).toEqual(first)
  expect(new Set(first).size).toBe(3)
  // One visitor has all addresses of a network of 64 bits.
  expect(await backendOf('2001:db8::1')).toBe(await backendOf('2001:db8::ffff:2'))
})
