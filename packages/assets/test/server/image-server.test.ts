import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { animation } from '../photos.ts'
import { CHROME, serverWithPicture, startServer, type TestServer } from './set-up.ts'

vi.setConfig({ testTimeout: 30_000 })

let test: TestServer
let picture: Buffer

beforeEach(async () => {
  ;({ test, picture } = await serverWithPicture())
})
afterEach(() => test.close())

describe('a picture by address', () => {
  it('is AVIF, small and of the width asked for', async () => {
    const { status, headers, body } = await test.ask('src=/images/x.jpg&w=640&h=&q=&format=auto', CHROME)
    expect([status, headers['content-type'], headers['vary']]).toEqual([200, 'image/avif', 'Accept'])
    expect(body.byteLength).toBeLessThan(picture.byteLength / 4)
    expect((await sharp(body).metadata()).width).toBe(640)
    expect(headers).toMatchObject({
      'x-image-width': '640',
      'x-original-bytes': String(picture.byteLength),
      'cache-control': 'public, max-age=3600, stale-while-revalidate=86400',
      'x-content-type-options': 'nosniff',
      'content-length': String(body.byteLength),
    })
    expect(headers['etag']).toMatch(/^"[0-9a-f]{32}"$/)
  })

  it.each([
    ['image/webp,*/*', 'image/webp'],
    ['*/*', 'image/jpeg'],
  ])('is, for %s, %s', async (accept, type) => {
    expect((await test.ask('src=/images/x.jpg&w=64', { accept })).headers['content-type']).toBe(type)
  })

  it('is kept a year where the address carries a version', async () => {
    const { headers } = await test.ask('src=/images/x.jpg&w=64&v=1')
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  it('answers 304 and HEAD', async () => {
    const first = await test.ask('src=/images/x.jpg&w=64')
    const head = await test.ask('src=/images/x.jpg&w=64', {}, 'HEAD')
    expect([head.status, head.body.byteLength]).toEqual([200, 0])
    expect(head.headers['content-length']).toBe(first.headers['content-length'])
    const again = await test.ask('src=/images/x.jpg&w=64', { 'if-none-match': first.headers['etag']! })
    expect([again.status, again.body.byteLength, again.headers['etag']]).toEqual([
      304,
      0,
      first.headers['etag'],
    ])
    expect(again.headers['vary']).toBe('Accept')
  })

  it('is made once, whoever asks meanwhile, and fetched once for all widths', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, () => test.ask('src=/images/x.jpg&w=384', CHROME)),
    )
    expect(new Set(all.map(({ headers }) => headers['etag'])).size).toBe(1)
    await test.ask('src=/images/x.jpg&w=128', CHROME)
    expect(test.origin.count('/images/x.jpg')).toBe(1)
    const encoded = test.registry
      .collect()
      .find(({ name }) => name === 'millrace_assets_encode_duration_seconds')
    expect(encoded?.series.map(({ value }) => (value as { count: number }).count)).toEqual([2])
  })

  it('keeps an animation', async () => {
    test.origin.files.set('/a.gif', { body: await animation('gif') })
    const { headers, body } = await test.ask('src=/a.gif', CHROME)
    expect(headers['content-type']).toBe('image/webp')
    expect((await sharp(body, { animated: true }).metadata()).pages).toBe(2)
    expect(await test.ask('src=/a.gif&format=jpeg')).toMatchObject({
      status: 406,
      problem: { code: 'ASSETS_ANIMATION_UNSUPPORTED' },
    })
  })

  it('is the original where optimising is switched off', async () => {
    await test.close()
    test = await startServer({ enabled: false })
    test.origin.files.set('/images/x.jpg', { body: picture })
    const { headers, body } = await test.ask('src=/images/x.jpg&w=64', CHROME)
    expect([headers['content-type'], body.equals(picture)]).toEqual(['image/jpeg', true])
  })
})

describe('what cannot be served', () => {
  it.each([
    ['', 400, 'ASSETS_PARAMETER_INVALID'],
    ['src=/images/x.jpg&w=0', 400, 'ASSETS_PARAMETER_INVALID'],
    ['src=/images/x.jpg&w=abc', 400, 'ASSETS_PARAMETER_INVALID'],
    ['src=/images/x.jpg&w=1&w=2', 400, 'ASSETS_PARAMETER_INVALID'],
    ['src=/images/x.jpg&format=bmp', 400, 'ASSETS_PARAMETER_INVALID'],
    ['src=/images/x.jpg&q=101', 400, 'ASSETS_PARAMETER_INVALID'],
    [`src=/${'x'.repeat(2_048)}`, 400, 'ASSETS_PARAMETER_INVALID'],
    ['src=images/x.jpg', 400, 'ASSETS_PARAMETER_INVALID'],
    ['src=file:///etc/passwd', 400, 'ASSETS_PARAMETER_INVALID'],
    ['src=//evil.example/x.jpg', 400, 'ASSETS_PARAMETER_INVALID'],
    ['src=/%5Cevil.example/x.jpg', 400, 'ASSETS_PARAMETER_INVALID'],
    ['src=http://user:pw@evil.example/x.jpg', 400, 'ASSETS_PARAMETER_INVALID'],
    ['src=http://evil.example/x.jpg', 403, 'ASSETS_SOURCE_FORBIDDEN'],
    ['src=http://169.254.169.254/latest', 403, 'ASSETS_SOURCE_FORBIDDEN'],
    ['src=/_millrace/image?src=/images/x.jpg', 403, 'ASSETS_SOURCE_FORBIDDEN'],
    ['src=/images/../_millrace/image', 403, 'ASSETS_SOURCE_FORBIDDEN'],
    ['src=/%255fmillrace/image', 403, 'ASSETS_SOURCE_FORBIDDEN'],
    ['src=//_millrace/image', 400, 'ASSETS_PARAMETER_INVALID'],
    ['src=/.//_MILLRACE/image', 403, 'ASSETS_SOURCE_FORBIDDEN'],
    ['src=/admin', 403, 'ASSETS_SOURCE_FORBIDDEN'],
    ['src=/missing.jpg', 404, 'ASSETS_SOURCE_NOT_FOUND'],
  ])('%s is %i %s', async (query, status, code) => {
    const answer = await test.ask(query)
    expect([answer.status, answer.problem.code]).toEqual([status, code])
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.body.toString()).not.toContain(test.origin.url)
    expect(test.origin.requests.filter(({ path }) => path !== '/missing.jpg')).toEqual([])
  })

  it.each([
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 415, 'ASSETS_SVG_REFUSED'],
    ['a page labelled as a picture', '<!doctype html>', 422, 'ASSETS_NOT_AN_IMAGE'],
  ])('%s is refused and not fetched again at once', async (_, body, status, code) => {
    test.origin.files.set('/bad.jpg', { body, headers: { 'content-type': 'image/jpeg' } })
    expect(await test.ask('src=/bad.jpg')).toMatchObject({ status, problem: { code } })
    expect(await test.ask('src=/bad.jpg&w=64')).toMatchObject({ status, problem: { code } })
    expect(test.origin.count('/bad.jpg')).toBe(1)
    await test.clock.advance(10_000)
    test.origin.files.set('/bad.jpg', { body: picture })
    expect((await test.ask('src=/bad.jpg&w=64')).status).toBe(200)
  })

  it('a truncated picture is 422, and the next one is served', async () => {
    test.origin.files.set('/half.jpg', { body: picture.subarray(0, 100_000) })
    expect(await test.ask('src=/half.jpg')).toMatchObject({
      status: 422,
      problem: { code: 'ASSETS_IMAGE_CORRUPT' },
    })
    expect((await test.ask('src=/images/x.jpg&w=64')).status).toBe(200)
  })

  it('more bytes than allowed are 413, announced or not', async () => {
    await test.close()
    test = await startServer({ limits: { sourceBytes: 10_000 } })
    test.origin.files.set('/large.jpg', { body: Buffer.alloc(20_000) })
    test.origin.handlers.set('/endless.jpg', (_, response) => {
      response.write(Buffer.alloc(20_000))
      response.on('close', () => response.destroy())
    })
    for (const path of ['/large.jpg', '/endless.jpg']) {
      expect(await test.ask(`src=${path}`)).toMatchObject({
        status: 413,
        problem: { code: 'ASSETS_SOURCE_TOO_LARGE' },
      })
    }
  })

  it('an origin that compresses whatever it may is asked not to', async () => {
    test.origin.handlers.set('/zip.jpg', ({ headers }, response) => {
      // Without the header any coding is acceptable (RFC 9110, section 12.5.3).
      const plain = headers['accept-encoding'] === 'identity'
      response.writeHead(200, plain ? {} : { 'content-encoding': 'gzip' })
      response.end(plain ? picture : gzipSync(picture))
    })
    expect((await test.ask('src=/zip.jpg&w=64')).status).toBe(200)
  })

  it('an origin that fails or hangs is 502', async () => {
    await test.close()
    test = await startServer({ limits: { fetchTimeoutMs: 200 } })
    test.origin.handlers.set('/500.jpg', (_, response) => void response.writeHead(500).end())
    test.origin.handlers.set('/hang.jpg', () => undefined)
    test.origin.handlers.set('/reset.jpg', (request) => void request.socket.destroy())
    for (const path of ['/500.jpg', '/hang.jpg', '/reset.jpg']) {
      expect(await test.ask(`src=${path}`)).toMatchObject({
        status: 502,
        problem: { code: 'ASSETS_SOURCE_FAILED' },
      })
    }
  })

  it('its own requests are refused, so that image servers cannot loop', async () => {
    expect(await test.ask('src=/images/x.jpg', { 'x-millrace-image': '1' })).toMatchObject({
      status: 508,
      problem: { code: 'ASSETS_LOOP' },
    })
    await test.ask('src=/images/x.jpg&w=16')
    expect(test.origin.requests[0]?.headers).toMatchObject({ 'x-millrace-image': '1' })
    // The gateway gives loopback more rights only where no forwarding header is present.
    expect(test.origin.requests[0]?.headers['x-forwarded-for']).toBeDefined()
  })
})
