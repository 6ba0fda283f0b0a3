import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'
import { onePool } from '../fixture.ts'
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

  it('are remembered from pages and sent before a backend is asked, to browsers that navigate', async () => {
    const links = [
      '</a.css>; rel=preload; as=style, </next>; rel=next',
      '<https://cdn.example>; rel="preconnect"',
    ]
    const port = await fixture().backend((req, res) => {
      res.setHeader('content-type', req.url!.startsWith('/data') ? 'application/json' : 'text/html')
      res.setHeader('link', links)
      res.end('page')
    })
    const { routes, pools } = onePool(port)
    const remembering = { routes, pools: [{ ...pools[0]!, earlyHints: true }] }
    if (!(await fixture().startWith('earlyHints', remembering))) return
    if ((await startSecure(fixture(), port)) === undefined) return
    const visitor = await Http2Visitor.open(fixture())
    const navigate = { 'sec-fetch-mode': 'navigate' }
    const hints = async (path: string, headers = navigate as Record<string, string>): Promise<unknown[]> =>
      (await visitor.ask({ ':path': path, ...headers })).interim.map(({ link }) => link)
    expect(await hints('/')).toEqual([])
    expect(await hints('/')).toEqual([])
    await fixture().engine.update(remembering)
    expect(await hints('/')).toEqual([])
    const remembered = ['</a.css>; rel=preload; as=style, <https://cdn.example>; rel="preconnect"']
    expect(await hints('/?page=2')).toEqual(remembered)
    expect(await hints('/', {})).toEqual([])
    await hints('/data')
    expect(await hints('/data')).toEqual([])
    await fixture().engine.update({ routes, pools })
    expect(await hints('/')).toEqual([])
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
