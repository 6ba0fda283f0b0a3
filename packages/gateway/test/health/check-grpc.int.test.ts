import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProbeSettings } from '../../src/health/health-settings.ts'
import { probe, type ProbeResult } from '../../src/health/probe.ts'
import { createGateway } from '../../src/index.ts'
import { Fixture } from '../../src/testing/index.ts'

const file = (name: string): string => fileURLToPath(new URL(`../support/tls/${name}.pem`, import.meta.url))
const credentials = {
  plain: () => ServerCredentials.createInsecure(),
  tls: () =>
    ServerCredentials.createSsl(null, [
      { cert_chain: readFileSync(file('certificate')), private_key: readFileSync(file('key')) },
    ]),
}

/** The official server and its own implementation of the health service. */
describe('gRPC health check', () => {
  let health: HealthImplementation
  let fixture: Fixture
  const servers: Server[] = []
  beforeEach(() => {
    fixture = new Fixture(createGateway)
    health = new HealthImplementation({ '': 'SERVING', 'shop.Cart': 'SERVING' })
  })
  afterEach(async () => {
    for (const server of servers.splice(0)) server.forceShutdown()
    await fixture.close()
  })

  async function serve(kind: keyof typeof credentials, withHealth = true): Promise<number> {
    const server = new Server()
    servers.push(server)
    if (withHealth) health.addToServer(server)
    return new Promise((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', credentials[kind](), (error, port) =>
        error === null ? resolve(port) : reject(error),
      )
    })
  }
  const ask = (port: number, settings: Partial<ProbeSettings> = {}): Promise<ProbeResult> =>
    probe({ id: 'a', host: '127.0.0.1', port }, { kind: 'grpc', timeoutMs: 2_000, ...settings })

  it('SERVING is healthy, everything else is not', async () => {
    const port = await serve('plain')
    expect(await ask(port)).toMatchObject({ healthy: true, message: 'SERVING' })
    health.setStatus('', 'NOT_SERVING')
    expect(await ask(port)).toMatchObject({ healthy: false, message: 'NOT_SERVING' })
    health.setStatus('', 'UNKNOWN')
    expect(await ask(port)).toMatchObject({ healthy: false, message: 'UNKNOWN' })
  })

  it('asks about one service', async () => {
    const port = await serve('plain')
    health.setStatus('', 'NOT_SERVING')
    expect(await ask(port, { service: 'shop.Cart' })).toMatchObject({ healthy: true })
    expect(await ask(port, { service: 'shop.Nothing' })).toMatchObject({
      healthy: false,
      message: "the server does not know the service 'shop.Nothing'",
    })
  })

  it('over TLS, with a certificate that must be trusted and carry the name', async () => {
    const port = await serve('tls')
    const trusted = { tls: true, caFile: file('certificate') }
    expect(await ask(port, trusted)).toMatchObject({ healthy: true, message: 'SERVING' })
    expect(await ask(port, { ...trusted, serverName: 'backend.test' })).toMatchObject({ healthy: true })
    expect((await ask(port, { ...trusted, serverName: 'other.test' })).message).toMatch(/altnames/)
    expect((await ask(port, { tls: true })).message).toMatch(/self-signed/)
  })

  it('says when the server has no health service, or speaks no gRPC', async () => {
    expect(await ask(await serve('plain', false))).toMatchObject({
      healthy: false,
      message: 'the server has no grpc.health.v1.Health',
    })
    const http1 = await fixture.backend((_req, res) => res.end('no'))
    expect((await ask(http1)).healthy).toBe(false)
    const closed = await ask(await fixture.closedPort())
    expect(closed).toMatchObject({ healthy: false })
    expect(closed.message).toMatch(/ECONNREFUSED/)
  })

  it('headers that HTTP/2 forbids are a failure, and nothing else', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    const port = await serve('plain')
    expect(await ask(port, { headers: { connection: 'close' } })).toMatchObject({
      healthy: false,
      message: expect.stringContaining('connection'),
    })
    // The session that was begun for it has closed by now.
    expect(await ask(port)).toMatchObject({ healthy: true })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it('gives up after its time, and leaves no connection', async () => {
    let open = 0
    const port = await fixture.rawBackend((socket) => {
      open++
      socket.resume()
      socket.on('close', () => open--)
    })
    expect(await ask(port, { timeoutMs: 100 })).toMatchObject({
      healthy: false,
      message: 'no answer within 100 ms',
    })
    await expect.poll(() => open).toBe(0)
  })
})
