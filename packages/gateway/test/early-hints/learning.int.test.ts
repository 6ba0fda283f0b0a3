import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { Fixture } from '../../src/testing/index.ts'
import { onePool } from '../../src/testing/fixture.ts'
import { Http2Visitor, startSecure } from '../../src/testing/tls-visitor.ts'

let fixture: Fixture
beforeEach(() => {
  fixture = new Fixture(createGateway)
})
afterEach(() => fixture.close())

it('what a page says to one visitor, or to a question with a query, is told to no other', async () => {
  const port = await fixture.backend((req, res) => {
    const { pathname, searchParams } = new URL(req.url!, 'http://shop.example')
    const [name, value] = pathname.slice(1).split('=')
    if (value !== undefined) res.setHeader(name!, decodeURIComponent(value))
    res.setHeader('content-type', 'text/html')
    res.setHeader('link', `</${searchParams.get('theme') ?? 'a'}.css>; rel=preload; as=style`)
    res.end('page')
  })
  await startSecure(fixture, port)
  const { routes, pools } = onePool(port)
  await fixture.engine.update({ routes, pools: [{ ...pools[0]!, earlyHints: true }] })
  const visitor = await Http2Visitor.open(fixture)
  const hints = async (path: string, headers: Record<string, string> = {}): Promise<unknown[]> =>
    (await visitor.ask({ ':path': path, 'sec-fetch-mode': 'navigate', ...headers })).interim.map(
      ({ link }) => link,
    )

  await hints('/page?theme=evil')
  expect(await hints('/page')).toEqual([])
  expect(await hints('/page?theme=evil')).toEqual(['</a.css>; rel=preload; as=style'])
  await hints('/account', { authorization: 'Basic YTpi' })
  expect(await hints('/account')).toEqual([])
  for (const path of [
    '/cache-control=private',
    '/cache-control=max-age%3D0%2C%20no-store',
    '/vary=Accept%2C%20Cookie',
  ]) {
    await hints(path)
    expect(await hints(path)).toEqual([])
  }
  for (const path of ['/cache-control=no-cache', '/vary=Accept-Encoding']) {
    await hints(path)
    expect(await hints(path)).toHaveLength(1)
  }
})
