import { readFileSync } from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProbeSettings } from '../../src/health/health-settings.ts'
import { probe, type ProbeResult } from '../../src/health/probe.ts'
import { createGateway } from '../../src/index.ts'
import { Fixture } from '../../src/testing/index.ts'

const pem = (name: string): string => fileURLToPath(new URL(`../support/tls/${name}.pem`, import.meta.url))

describe('probe', () => {
  let fixture: Fixture
  beforeEach(() => {
    fixture = new Fixture(createGateway)
  })
  afterEach(() => fixture.close())
  const ask = (port: number, settings: Partial<ProbeSettings> = {}): Promise<ProbeResult> =>
    probe({ id: 'a', host: '127.0.0.1', port }, { timeoutMs: 1_000, ...settings })

  it('GET below 500 is healthy, whatever else it says', async () => {
    let status = 200
    const port = await fixture.backend((_req, res) => res.writeHead(status).end('x'))
    expect(await ask(port, { path: '/health' })).toMatchObject({ healthy: true, message: '200' })
    status = 404
    expect(await ask(port, { path: '/health' })).toMatchObject({ healthy: true })
    status = 503
    expect(await ask(port, { path: '/health' })).toMatchObject({
      healthy: false,
      message: '/health answered 503',
    })
  })

  it('only the statuses that are expected, and redirects are not followed', async () => {
    let requests = 0
    const port = await fixture.backend((_req, res) => {
      requests++
      res.writeHead(302, { location: '/elsewhere' }).end()
    })
    expect(await ask(port, { path: '/', expectedStatuses: ['200-299'] })).toMatchObject({
      healthy: false,
      message: '/ answered 302',
    })
    expect(await ask(port, { path: '/', expectedStatuses: [204, 302] })).toMatchObject({ healthy: true })
    expect(await ask(port, { path: '/', expectedStatuses: ['200-299', '300-399'] })).toMatchObject({
      healthy: true,
    })
    expect(requests).toBe(3)
  })

  it('sends the method, host and headers it is told to', async () => {
    const seen: unknown[] = []
    const port = await fixture.backend((req, res) => {
      seen.push([req.method, req.url, req.headers.host, req.headers['x-check']])
      res.end()
    })
    await ask(port, {
      path: '/up?deep=1',
      method: 'HEAD',
      host: 'shop.example',
      headers: { 'x-check': 'yes' },
    })
    expect(seen).toEqual([['HEAD', '/up?deep=1', 'shop.example', 'yes']])
  })

  it('looks for text in the first 64 KiB of the body', async () => {
    let body = 'status: green'
    const port = await fixture.backend((_req, res) => res.end(body))
    const settings = { path: '/', bodyIncludes: 'green' }
    expect(await ask(port, settings)).toMatchObject({ healthy: true })
    body = 'status: red'
    expect(await ask(port, settings)).toMatchObject({
      healthy: false,
      message: '/ answered 200 without "green"',
    })
    body = `${'x'.repeat(200_000)}green`
    expect(await ask(port, settings)).toMatchObject({ healthy: false })
  })

  it('a body that never ends costs no more than its beginning', async () => {
    const port = await fixture.backend((_req, res) => {
      const timer = setInterval(() => res.write('x'.repeat(65_536)), 1)
      res.on('close', () => clearInterval(timer))
    })
    expect(await ask(port, { path: '/' })).toMatchObject({ healthy: true })
    expect(await ask(port, { path: '/', bodyIncludes: 'y' })).toMatchObject({ healthy: false })
  })

  it('over TLS, with a certificate that must be trusted', async () => {
    const server = createSecureServer(
      { cert: readFileSync(pem('certificate')), key: readFileSync(pem('key')) },
      (_req, res) => res.end(),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const secure = { path: '/', tls: true }
      expect(await ask(port, { ...secure, caFile: pem('certificate') })).toMatchObject({ healthy: true })
      expect((await ask(port, secure)).message).toMatch(/self-signed/)
      expect((await ask(port, { ...secure, caFile: '/no/such/file' })).message).toMatch(/ENOENT/)
    } finally {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  it('no answer in time is unhealthy', async () => {
    const port = await fixture.backend(() => undefined)
    expect(await ask(port, { path: '/health', timeoutMs: 100 })).toMatchObject({
      healthy: false,
      message: 'no answer within 100 ms',
    })
  })

  it('without a path, a connection is enough; another port can be asked', async () => {
    const port = await fixture.rawBackend(() => undefined)
    expect(await ask(port)).toMatchObject({ healthy: true, message: 'connected' })
    const closed = await fixture.closedPort()
    expect(await ask(closed)).toMatchObject({ healthy: false })
    expect(await ask(closed, { port })).toMatchObject({ healthy: true })
  })
})
