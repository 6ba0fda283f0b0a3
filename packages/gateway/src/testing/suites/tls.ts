import { writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { expect, it } from 'vitest'
import { makeCertificate } from '../certificates.ts'
import type { EngineSuitePart } from '../engine-suite.ts'
import { eventually, onePool } from '../fixture.ts'
import { askSecurely, handshake, startSecure } from '../tls-visitor.ts'

const nameOf = (socket: { getPeerCertificate(): { subjectaltname?: string } }): string | undefined =>
  socket.getPeerCertificate().subjectaltname

/** TLS towards visitors: certificates, versions, sessions, and what backends learn of it. */
export const tlsSuite: EngineSuitePart = (fixture) => {
  it('tells backends https, and believes no visitor about it', async () => {
    const port = await fixture().backend((req, res) => res.end(JSON.stringify(req.headers)))
    if ((await startSecure(fixture(), port)) === undefined) return
    const answer = await askSecurely(fixture(), '/', { headers: { 'x-forwarded-proto': 'http' } })
    expect(JSON.parse(answer.text)).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
      'x-forwarded-for': '127.0.0.1',
    })
    const plain = await fixture().ask('/', { headers: { 'x-forwarded-proto': 'https' } })
    expect(JSON.parse(plain.text)).toMatchObject({ 'x-forwarded-proto': 'http' })
  })

  it('chooses the certificate by the name that a visitor asks for', async () => {
    const port = await fixture().backend((_req, res) => res.end('ok'))
    const folder = await startSecure(fixture(), port)
    if (folder === undefined) return
    await fixture().engine.close({ deadlineMs: 0 })
    const certificates = [['shop.example'], ['*.other.example'], ['exact.other.example']].map((names, at) =>
      folder.write(`c${at}`, makeCertificate(names)),
    )
    await fixture().start(port, { tls: { enabled: true, port: 0, certificates } })
    const asked = {
      'shop.example': 'shop',
      'a.other.example': '*.other',
      'exact.other.example': 'exact.other',
    }
    for (const [servername, expected] of Object.entries(asked)) {
      expect(nameOf(await handshake(fixture(), { servername }))).toBe(`DNS:${expected}.example`)
    }
    // None is for it: the first. A wildcard is for one label.
    for (const servername of ['unknown.example', 'a.b.other.example', 'other.example'])
      expect(nameOf(await handshake(fixture(), { servername }))).toBe('DNS:shop.example')
  })

  it('takes new certificates without touching open connections, and none that cannot be used', async () => {
    const port = await fixture().backend((_req, res) => res.end('ok'))
    const folder = await startSecure(fixture(), port)
    if (folder === undefined) return
    const open = await handshake(fixture(), { ALPNProtocols: ['http/1.1'] })
    const files = folder.write('shop', makeCertificate(['new.example']))
    const read = await fixture().engine.reloadCertificates!()
    expect(read.map(({ names }) => names)).toEqual([['new.example']])
    await eventually(() => read[0]!.daysLeft === 89, 'the days that are left')
    expect(nameOf(await handshake(fixture()))).toBe('DNS:new.example')

    writeFileSync(files.key, makeCertificate(['other.example']).key)
    await expect(fixture().engine.reloadCertificates!()).rejects.toMatchObject({
      code: 'GATEWAY_CERTIFICATE_INVALID',
      details: { field: 'tls.certificates.0.key', file: files.key },
    })
    expect(nameOf(await handshake(fixture()))).toBe('DNS:new.example')

    open.write('GET / HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\r\n')
    let answer = ''
    open.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    await eventually(() => answer.endsWith('ok'), 'the answer on the connection that was open')
  })

  it('does not start with a certificate that cannot be used, and says which', async () => {
    const port = await fixture().backend((_req, res) => res.end('ok'))
    const folder = await startSecure(fixture(), port)
    if (folder === undefined) return
    const good = folder.write('good', makeCertificate(['shop.example']))
    const encrypted = folder.write('encrypted', makeCertificate(['shop.example'], { passphrase: 'secret' }))
    const cases = [
      [[], 'tls.certificates'],
      [[good, { certificate: '/nowhere.crt', key: good.key }], 'tls.certificates.1.certificate'],
      [[{ certificate: good.key, key: good.key }], 'tls.certificates.0.certificate'],
      [[{ certificate: good.certificate, key: good.certificate }], 'tls.certificates.0.key'],
      [[{ ...encrypted }], 'tls.certificates.0.key'],
      [[{ ...encrypted, passphrase: 'wrong' }], 'tls.certificates.0.key'],
    ] as const
    for (const [certificates, field] of cases) {
      const tls = { enabled: true, port: 0, certificates: [...certificates] }
      await expect(fixture().start(port, { tls })).rejects.toMatchObject({
        code: 'GATEWAY_CERTIFICATE_INVALID',
        details: { field },
      })
    }
    await fixture().start(port, {
      tls: { enabled: true, port: 0, certificates: [{ ...encrypted, passphrase: 'secret' }] },
    })
    expect((await askSecurely(fixture(), '/')).text).toBe('ok')
  })

  it('goes on with a former session', async () => {
    const port = await fixture().backend((_req, res) => res.end('ok'))
    if ((await startSecure(fixture(), port)) === undefined) return
    const maxVersion = 'TLSv1.2' as const
    const first = await handshake(fixture(), { maxVersion })
    expect(first.isSessionReused()).toBe(false)
    const again = await handshake(fixture(), { maxVersion, session: first.getSession()! })
    expect(again.isSessionReused()).toBe(true)
  })

  it('refuses versions that are too old', async () => {
    const port = await fixture().backend((_req, res) => res.end('ok'))
    if ((await startSecure(fixture(), port, { tls: { minVersion: '1.3' } })) === undefined) return
    await expect(handshake(fixture(), { maxVersion: 'TLSv1.2' })).rejects.toThrow(/version|protocol/i)
    expect((await handshake(fixture())).getProtocol()).toBe('TLSv1.3')
  })

  it('offers HTTP/2 and HTTP/1.1, or HTTP/1.1 alone', async () => {
    const port = await fixture().backend((_req, res) => res.end('ok'))
    if ((await startSecure(fixture(), port)) === undefined) return
    const ALPNProtocols = ['h2', 'http/1.1']
    expect((await handshake(fixture(), { ALPNProtocols })).alpnProtocol).toBe('h2')
    expect((await handshake(fixture(), { ALPNProtocols: ['http/1.1'] })).alpnProtocol).toBe('http/1.1')
    await startSecure(fixture(), port, { tls: { http2: false } })
    expect((await handshake(fixture(), { ALPNProtocols })).alpnProtocol).toBe('http/1.1')
  })

  it('redirects plain HTTP, but not what only this machine may use, nor health checks', async () => {
    const port = await fixture().backend((req, res) => res.end(req.url))
    if ((await startSecure(fixture(), port)) === undefined) return
    await fixture().engine.close({ deadlineMs: 0 })
    const { pools, routes } = onePool(port)
    const tls = { enabled: true, port: 0, redirect: true, hstsMaxAgeSeconds: 600, ...(await certificate()) }
    await fixture().start(
      { pools, routes: [...routes, { prefix: '/admin', pool: 'app', access: 'loopback' }] },
      { tls, trustedProxies: [] },
    )
    const redirected = await fixture().ask('/a?b=c', {
      method: 'POST',
      body: 'x',
      headers: { host: 'shop.example:3000' },
    })
    expect(redirected.status).toBe(308)
    expect(redirected.headers.location).toBe(`https://shop.example:${fixture().tlsPort}/a?b=c`)
    expect(redirected.headers['strict-transport-security']).toBeUndefined()
    expect((await fixture().ask('/admin')).text).toBe('/admin')
    expect((await fixture().ask('/health')).text).toBe('/health')
    const secure = await askSecurely(fixture(), '/a')
    expect(secure.text).toBe('/a')
    expect(secure.headers['strict-transport-security']).toBe('max-age=600')

    async function certificate() {
      const { CertificateFolder } = await import('../certificates.ts')
      const folder = new CertificateFolder()
      fixture().cleanup(() => folder.remove())
      return { certificates: [folder.write('shop', makeCertificate(['shop.example']))] }
    }
  })

  it('marks cookies of its own as secure', async () => {
    const port = await fixture().backend((_req, res) => res.end('ok'))
    if ((await startSecure(fixture(), port)) === undefined) return
    const { pools, routes } = onePool(port)
    const sticky = { kind: 'cookie', cookieName: 's', maxAgeMs: 60_000, secret: '0123456789abcdef' } as const
    await fixture().engine.update({ routes, pools: [{ ...pools[0]!, sticky }] })
    const [cookie] = (await askSecurely(fixture(), '/')).headers['set-cookie']!
    expect(cookie).toMatch(/; Secure/)
    expect((await fixture().ask('/')).headers['set-cookie']![0]).not.toMatch(/Secure/)
  })

  it('ends handshakes that take too long, and those that are not TLS', async () => {
    const port = await fixture().backend((_req, res) => res.end('ok'))
    const limits = { timeouts: { handshakeMs: 200 }, limits: { handshakes: 8 } }
    if ((await startSecure(fixture(), port, limits)) === undefined) return
    let closed = 0
    for (let i = 0; i < 20; i++) {
      const socket = connectTcp({ host: '127.0.0.1', port: fixture().tlsPort })
      fixture().cleanup(() => void socket.destroy())
      socket.on('error', () => undefined)
      socket.on('close', () => closed++)
      if (i === 0) socket.write('GET / HTTP/1.1\r\nhost: shop.example\r\n\r\n')
    }
    await eventually(() => closed === 20, 'all of them are closed')
    // Visitors get through meanwhile and afterwards.
    expect((await askSecurely(fixture(), '/')).text).toBe('ok')
    expect((await fixture().engine.stats()).tls?.failed).toBeGreaterThanOrEqual(20)
  })

  it('passes WebSockets through', async () => {
    const port = await fixture().backend(
      (_req, res) => res.end('ok'),
      (server) => {
        const sockets = new WebSocketServer({ server })
        sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
        fixture().cleanup(() => sockets.close())
      },
    )
    if ((await startSecure(fixture(), port)) === undefined) return
    const socket = new WebSocket(`wss://127.0.0.1:${fixture().tlsPort}/chat`, { rejectUnauthorized: false })
    fixture().cleanup(() => socket.terminate())
    const echoed = new Promise((resolve, reject) => {
      socket.on('message', (data: Buffer) => resolve(data.toString()))
      socket.on('error', reject)
    })
    socket.on('open', () => socket.send('hello'))
    expect(await echoed).toBe('hello')
  })
}
