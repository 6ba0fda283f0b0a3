import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { waitFor } from '@millrace/testing'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { animation, noise, photo } from '../photos.ts'
import type { Handler } from './origin.ts'
import { startServer, type TestServer } from './set-up.ts'

vi.setConfig({ testTimeout: 30_000 })

const CHROME = { accept: 'image/avif,image/webp,image/apng,*/*;q=0.8' }

let test: TestServer
let picture: Buffer

beforeEach(async () => {
  test = await startServer()
  picture = await photo('black-canyon')
  test.origin.files.set('/images/x.jpg', { body: picture, headers: { 'content-type': 'image/jpeg' } })
})
afterEach(() => test.close())

/** The files of results, once writing is done. */
async function resultFiles(atLeast = 2): Promise<string[]> {
  return waitFor(async () => {
    const names = (await readdir(test.folder, { recursive: true })).filter((name) =>
      /[0-9a-f]{64}$/.test(name),
    )
    return names.length >= atLeast ? names : undefined
  })
}

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

describe('a source that changes', () => {
  it('is asked again after its time, and served anew only when it changed', async () => {
    const headers = { etag: '"one"' }
    test.origin.files.set('/p.jpg', { body: picture, headers })
    const first = await test.ask('src=/p.jpg&w=64')
    await test.clock.advance(300_000)
    const same = await test.ask('src=/p.jpg&w=64')
    expect([same.headers['etag'], same.headers['x-image-result']]).toEqual([first.headers['etag'], 'memory'])
    expect(test.origin.requests.at(-1)?.headers['if-none-match']).toBe('"one"')
    test.origin.files.set('/p.jpg', { body: await photo('acanthus-mollis'), headers: { etag: '"two"' } })
    expect((await test.ask('src=/p.jpg&w=64')).headers['etag']).toBe(first.headers['etag'])
    await test.clock.advance(300_000)
    expect((await test.ask('src=/p.jpg&w=64')).headers['etag']).not.toBe(first.headers['etag'])
  })

  it('follows the origin’s max-age', async () => {
    test.origin.files.set('/p.jpg', { body: picture, headers: { 'cache-control': 'public, max-age=10' } })
    await test.ask('src=/p.jpg&w=64')
    await test.clock.advance(9_999)
    await test.ask('src=/p.jpg&w=64')
    expect(test.origin.count('/p.jpg')).toBe(1)
    await test.clock.advance(1)
    await test.ask('src=/p.jpg&w=64')
    expect(test.origin.count('/p.jpg')).toBe(2)
  })

  it('is served as known while its server is away', async () => {
    const first = await test.ask('src=/images/x.jpg&w=64')
    test.origin.handlers.set('/images/x.jpg', (_, response) => void response.writeHead(503).end())
    await test.clock.advance(300_000)
    const stale = await test.ask('src=/images/x.jpg&w=64')
    expect([stale.status, stale.headers['etag']]).toEqual([200, first.headers['etag']])
    test.origin.handlers.delete('/images/x.jpg')
    test.origin.files.delete('/images/x.jpg')
    await test.clock.advance(300_000)
    expect((await test.ask('src=/images/x.jpg&w=64')).status).toBe(404)
  })
})

describe('results on disk', () => {
  it('survive a restart, without the origin', async () => {
    const first = await test.ask('src=/images/x.jpg&w=640', CHROME)
    await resultFiles()
    await test.restart()
    test.origin.files.clear()
    const again = await test.ask('src=/images/x.jpg&w=640', CHROME)
    expect([again.status, again.headers['x-image-result']]).toEqual([200, 'disk'])
    expect(again.body.equals(first.body)).toBe(true)
    expect((await test.ask('src=/images/x.jpg&w=640', CHROME)).headers['x-image-result']).toBe('memory')
    expect(test.origin.count('/images/x.jpg')).toBe(1)
  })

  it.each([
    ['cut off', (content: Buffer) => content.subarray(0, content.byteLength - 1)],
    ['emptied', () => Buffer.alloc(0)],
    ['changed in one bit', (content: Buffer) => ((content[content.byteLength - 10]! ^= 1), content)],
  ])('are never served when %s', async (_, damage) => {
    const first = await test.ask('src=/images/x.jpg&w=64', CHROME)
    for (const name of await resultFiles()) {
      const file = join(test.folder, name)
      await writeFile(file, damage(await readFile(file)))
    }
    await test.restart()
    const again = await test.ask('src=/images/x.jpg&w=64', CHROME)
    expect([again.status, again.headers['x-image-result']]).toEqual([200, 'optimized'])
    expect(again.body.equals(first.body)).toBe(true)
  })

  it('are bounded; what was used last stays', async () => {
    await test.close()
    test = await startServer({ store: { diskBytes: 1_048_576, memoryBytes: 1_048_576 } })
    const body = await noise(700, 700).png().toBuffer()
    for (let i = 0; i < 4; i++) {
      test.origin.files.set(`/n${i}.png`, { body: Buffer.concat([body, Buffer.from([i])]) })
      await test.ask(`src=/n${i}.png&format=png&q=100&w=640`)
    }
    const health = await waitFor(async () => {
      const { body } = await test.server.app.inject('/health')
      return body.includes('results on disk') ? body : undefined
    })
    expect(health).toContain('healthy')
    const size = (): number =>
      Number(
        test.registry.collect().find(({ name }) => name === 'millrace_assets_disk_size_bytes')?.series[0]
          ?.value,
      )
    await waitFor(() => size() > 400_000)
    expect(size()).toBeLessThanOrEqual(1_048_576)
  })

  it('leave nothing but whole files behind a crash', async () => {
    await test.ask('src=/images/x.jpg&w=64')
    await resultFiles()
    await writeFile(join(test.folder, 'tmp', 'half-written'), 'x')
    await test.restart()
    expect(await readdir(join(test.folder, 'tmp'))).toEqual([])
  })

  it('are not needed: a disk that takes nothing degrades the health and no answer', async () => {
    await test.server.close()
    // A file where the folder should be: every write fails, as it does on a full or read-only disk.
    await rename(test.folder, `${test.folder}-away`)
    await writeFile(test.folder, '')
    await test.restart()
    const answer = await test.ask('src=/images/x.jpg&w=64', CHROME)
    expect([answer.status, answer.headers['x-image-result']]).toEqual([200, 'optimized'])
    const health = (await test.server.app.inject('/health')).json() as { state: string; message: string }
    expect(health).toMatchObject({ state: 'degraded', message: expect.stringContaining('not kept on disk') })
    // Once the disk works again, so does the store.
    await rm(test.folder)
    await rename(`${test.folder}-away`, test.folder)
    await test.clock.advance(30_000)
    await test.ask('src=/images/x.jpg&w=128', CHROME)
    await resultFiles(1)
    expect((await test.server.app.inject('/health')).json()).toMatchObject({ state: 'healthy' })
  })
})
