import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHaproxyGateway, type HaproxyGateway } from '../src/drivers/haproxy/haproxy.ts'
import { makeCertificate } from '../src/testing/certificates.ts'
import { eventually, Fixture, onePool } from '../src/testing/fixture.ts'
import { handshake, Http2Visitor, startSecure } from '../src/testing/tls-visitor.ts'

/** What only this engine has: files of keys, and sessions and requests over reloads. The rest is the engine suite's. */
describe('TLS with HAProxy as the engine', () => {
  let fixture: Fixture
  let directory: string
  beforeEach(async () => {
    directory = join(await mkdtemp(join(tmpdir(), 'millrace-tls-')), 'run')
    fixture = new Fixture((given) => createHaproxyGateway({ directory, threads: 2, ...given }))
  })
  afterEach(async () => {
    await fixture.close()
    await rm(join(directory, '..'), { recursive: true, force: true })
  })
  const engine = (): HaproxyGateway => fixture.engine as HaproxyGateway

  it('finishes requests and goes on with sessions over a reload', async () => {
    const held: ServerResponse[] = []
    const port = await fixture.backend((_req, res) => held.push(res))
    await startSecure(fixture, port)
    const visitor = await Http2Visitor.open(fixture)
    const answer = visitor.ask({ ':path': '/' })
    await eventually(() => held.length === 1, 'the backend was asked')
    expect((await engine().connections(10)).connections).toMatchObject([{ protocol: 'HTTP/2', tls: true }])
    const maxVersion = 'TLSv1.2' as const
    const first = await handshake(fixture, { maxVersion })
    await engine().reload()
    const again = await handshake(fixture, { maxVersion, session: first.getSession()! })
    expect(again.isSessionReused()).toBe(true)
    held[0]!.end('after all')
    expect(await answer).toMatchObject({ status: 200, text: 'after all', code: 0 })
    expect((await engine().stats()).tls).toMatchObject({ handshakes: 3, resumed: 1, failed: 0 })
  })

  it('keeps keys to itself, and takes new certificates with other names', async () => {
    const port = await fixture.backend((_req, res) => res.end('ok'))
    const folder = (await startSecure(fixture, port))!
    for (const name of await readdir(directory))
      expect([name, (await stat(join(directory, name))).mode & 0o077]).toEqual([name, 0])
    const before = await readFile(join(directory, 'certificate-0.pem'), 'utf8')
    // Names that a list of certificates would read as something else are left out.
    folder.write('shop', makeCertificate(['new.example', '!shop.example']))
    await engine().reloadCertificates()
    expect(await readFile(join(directory, 'certificate-0.pem'), 'utf8')).not.toBe(before)
    expect(await readFile(join(directory, 'certificates.list'), 'utf8')).toBe(
      'certificate-0.pem new.example\n',
    )
    const socket = await handshake(fixture, { servername: 'shop.example' })
    expect(socket.getPeerCertificate().subjectaltname).toContain('new.example')
  })

  it('says that the port for TLS is taken', async () => {
    const port = await fixture.backend((_req, res) => res.end('ok'))
    const folder = (await startSecure(fixture, port))!
    const certificates = [folder.write('other', makeCertificate(['a.example']))]
    const other = createHaproxyGateway({
      ...onePool(port),
      tls: { enabled: true, port: fixture.tlsPort, certificates },
    })
    await expect(other.listen()).rejects.toMatchObject({ code: 'GATEWAY_LISTEN_FAILED' })
    await other.close()
  })
})
