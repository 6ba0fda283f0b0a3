import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Handler } from './origin.ts'
import { serverWithPicture, startServer, type TestServer } from './set-up.ts'

vi.setConfig({ testTimeout: 30_000 })

let test: TestServer
let picture: Buffer

beforeEach(async () => {
  ;({ test, picture } = await serverWithPicture())
})
afterEach(() => test.close())

describe('redirects', () => {
  const redirect =
    (location: string): Handler =>
    (_, response) =>
      void response.writeHead(302, { location }).end()

  it('are followed within the origin', async () => {
    test.origin.handlers.set('/old.jpg', redirect('/images/x.jpg'))
    expect((await test.ask('src=/old.jpg&w=64')).status).toBe(200)
  })

  it.each([
    'http://evil.example/x.jpg',
    'http://127.0.0.1:1/x.jpg',
    '/_millrace/image?src=/images/x.jpg',
    '/admin/x',
  ])('to %s are refused', async (location) => {
    test.origin.handlers.set('/old.jpg', redirect(location))
    expect(await test.ask('src=/old.jpg')).toMatchObject({
      status: 403,
      problem: { code: 'ASSETS_SOURCE_FORBIDDEN' },
    })
  })

  it('in a circle end', async () => {
    test.origin.handlers.set('/circle.jpg', redirect('/circle.jpg'))
    expect((await test.ask('src=/circle.jpg')).status).toBe(502)
    expect(test.origin.count('/circle.jpg')).toBeLessThan(6)
  })
})

describe('absolute addresses', () => {
  it('are taken from allowed hosts, and from a private one only when that is said too', async () => {
    const src = encodeURIComponent(`${test.origin.url.replace('127.0.0.1', 'localhost')}/images/x.jpg`)
    await test.close()
    test = await startServer({ allowHosts: ['localhost'] })
    expect(await test.ask(`src=${src}`)).toMatchObject({
      status: 403,
      problem: { code: 'CORE_ADDRESS_FORBIDDEN' },
    })
    await test.close()
    test = await startServer({ allowHosts: ['localhost'], privateHosts: ['localhost'] })
    test.origin.files.set('/images/y.jpg', { body: picture })
    const allowed = encodeURIComponent(`${test.origin.url.replace('127.0.0.1', 'localhost')}/images/y.jpg`)
    expect((await test.ask(`src=${allowed}&w=64`)).status).toBe(200)
  })
})
