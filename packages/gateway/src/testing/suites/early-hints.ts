import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'
import { Http2Visitor, startSecure } from '../tls-visitor.ts'

/** 103 towards visitors (RFC 8297). */
export const earlyHintsSuite: EngineSuitePart = (fixture) => {
  it('passes those of a backend, to HTTP/1.1', async () => {
    const port = await fixture().backend((_req, res) => {
      res.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' })
      res.end('page')
    })
    await fixture().start(port)
    const connection = await fixture().connect()
    connection.write('GET / HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\r\n')
    const text = await connection.untilClosed()
    expect(text).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a\.css>/i)
    expect(text).toMatch(/HTTP\/1\.1 200/)
  })

  it('passes those of a backend, to HTTP/2', async () => {
    const port = await fixture().backend((_req, res) => {
      res.writeEarlyHints({ link: ['</a.css>; rel=preload; as=style', '</b.js>; rel=preload; as=script'] })
      res.end('page')
    })
    if ((await startSecure(fixture(), port)) === undefined) return
    const { interim, text } = await (await Http2Visitor.open(fixture())).ask({ ':path': '/' })
    expect(text).toBe('page')
    expect(interim).toHaveLength(1)
    expect(String(interim[0]!['link'])).toContain('</b.js>; rel=preload; as=script')
  })
}
