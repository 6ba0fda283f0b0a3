import { connect, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { CertificateFolder, makeCertificate } from '../../src/testing/certificates.ts'
import { Fixture, RawConnection } from '../../src/testing/index.ts'
import { SeparateGateway } from '../support/separate-gateway.ts'

let fixture: Fixture
let gateway: SeparateGateway | undefined
beforeEach(() => {
  fixture = new Fixture(createGateway)
})
afterEach(async () => {
  await gateway?.stop()
  await fixture.close()
})

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

function visit(port: number): { socket: TLSSocket; answer: () => string | undefined } {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
  let text = ''
  let closed = false
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.on('error', () => undefined)
  socket.on('close', () => (closed = true))
  socket.on('secureConnect', () => socket.write(GET))
  return { socket, answer: () => (text.endsWith('ok') || closed ? text : undefined) }
}

it('with 256 open files and more visitors than that on both ports, those who are in are served', async () => {
  const folder = new CertificateFolder()
  fixture.cleanup(() => folder.remove())
  const files = folder.write('shop', makeCertificate(['shop.example']))
  const upstream = await fixture.backend((_req, res) => res.end('ok'))
  gateway = await SeparateGateway.start(upstream, { openFiles: 256, files })
  const { port, tlsPort } = gateway
  const plain = await Promise.all(Array.from({ length: 60 }, () => RawConnection.open(port)))
  const secure = Array.from({ length: 80 }, () => visit(tlsPort))
  const late = await Promise.all(Array.from({ length: 80 }, () => RawConnection.open(port)))
  try {
    for (const visitor of [...plain, ...late]) visitor.write(GET)
    await expect
      .poll(() => secure.every(({ answer }) => answer() !== undefined), { timeout: 10_000 })
      .toBe(true)
    const served = secure.map(({ answer }) => answer()!).filter((text) => text !== '')
    expect(served.length).toBeGreaterThan(10)
    expect(served.filter((text) => !text.startsWith('HTTP/1.1 200'))).toEqual([])
    await expect.poll(() => plain.every(({ text }) => text.endsWith('ok'))).toBe(true)
    const { stats, openFiles } = await gateway.report()
    expect(stats.pools[0]!.backends[0]).toMatchObject({ ejected: false, failures: 0 })
    expect(stats.connections).toBeLessThanOrEqual(96)
    expect(openFiles).toBeLessThan(256)
  } finally {
    for (const visitor of [...plain, ...late]) visitor.destroy()
    for (const { socket } of secure) socket.destroy()
  }
})
