import { connect, type TLSSocket } from 'node:tls'
import { silentLogger, systemClock } from '@millrace/core'
import { afterEach, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { WorkerGroup } from '../../src/supervisor/worker-group.ts'
import { CertificateFolder, makeCertificate } from '../../src/testing/certificates.ts'
import { Fixture, onePool } from '../../src/testing/index.ts'

const folder = new CertificateFolder()
const fixture = new Fixture(createGateway)
let group: WorkerGroup | undefined
afterEach(async () => {
  await group?.close({ deadlineMs: 0 })
  await fixture.close()
  folder.remove()
})

interface Visit {
  worker: string
  resumed: boolean
  session: Buffer
  names: string | undefined
}

/** One request with TLS 1.2, whose sessions are known when the handshake is over, and which worker answered it. */
function visit(port: number, session?: Buffer): Promise<Visit> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({
      host: '127.0.0.1',
      port,
      servername: 'shop.example',
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
      ...(session === undefined ? {} : { session }),
    })
    let text = ''
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    socket.on('secureConnect', () =>
      socket.write('GET / HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\r\n'),
    )
    socket.on('end', () => {
      const worker = /worker-(\d+)/.exec(text)?.[1]
      if (worker === undefined) reject(new Error(`no answer: ${text}`))
      else
        resolve({
          worker,
          resumed: socket.isSessionReused(),
          session: socket.getSession()!,
          names: socket.getPeerCertificate().subjectaltname,
        })
      socket.destroy()
    })
  })
}

it('workers go on with one another’s sessions, also after a restart, and take new certificates', async () => {
  const port = await fixture.backend((req, res) => res.end(`worker-${req.socket.remotePort}`))
  const files = folder.write('shop', makeCertificate(['shop.example']))
  group = new WorkerGroup({
    host: '127.0.0.1',
    port: 0,
    workers: 2,
    engine: { tls: { enabled: true, port: 0, certificates: [files] } },
    table: onePool(port),
    logger: silentLogger,
    logLevel: 'silent',
    clock: systemClock,
    changed: () => undefined,
  })
  const { tls } = await group.listen()
  const first = await visit(tls!.port)
  expect(first.resumed).toBe(false)
  // Connections are handed out in turn: the next one is the other worker's, which has a connection of its own to the backend.
  const second = await visit(tls!.port, first.session)
  expect(second.resumed).toBe(true)
  expect(second.worker).not.toBe(first.worker)

  await group.reload({ drainMs: 1_000 })
  const afterwards = [await visit(tls!.port, first.session), await visit(tls!.port, first.session)]
  expect(afterwards.map(({ resumed }) => resumed)).toEqual([true, true])
  expect((await group.stats()).tls).toMatchObject({ handshakes: 2, resumed: 2, failed: 0 })

  folder.write('shop', makeCertificate(['new.example']))
  const read = await group.reloadCertificates()
  expect(read.map(({ names }) => names)).toEqual([['new.example']])
  const renewed = [await visit(tls!.port), await visit(tls!.port)]
  expect(renewed.map(({ names }) => names)).toEqual(['DNS:new.example', 'DNS:new.example'])
})
