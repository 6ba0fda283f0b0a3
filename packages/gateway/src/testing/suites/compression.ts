import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'

const TEXT = 'The quick brown fox jumps over the lazy dog. '.repeat(100)

export const compressionSuite: EngineSuitePart = (fixture) => {
  const serve = async (headers: Record<string, string>, status = 200, body = TEXT): Promise<void> => {
    const port = await fixture().backend((req, res) => {
      res.writeHead(status, { 'content-type': 'text/plain', ...headers })
      res.end(req.method === 'HEAD' ? undefined : body)
    })
    await fixture().start(port)
  }
  const ask = (encoding: string, method = 'GET') =>
    fixture().ask('/', { method, headers: { 'accept-encoding': encoding } })

  it('Brotli or gzip, whichever the visitor prefers', async () => {
    await serve({ 'content-length': String(TEXT.length), etag: '"v1"', 'accept-ranges': 'bytes' })
    const br = await ask('gzip, deflate, br')
    expect(br.headers).toMatchObject({ 'content-encoding': 'br', vary: 'Accept-Encoding', etag: 'W/"v1"' })
    expect(br.headers).not.toHaveProperty('content-length')
    expect(br.headers).not.toHaveProperty('accept-ranges')
    expect(brotliDecompressSync(br.body).toString()).toBe(TEXT)
    const gzip = await ask('br;q=0.5, gzip')
    expect(gzip.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(gzip.body).toString()).toBe(TEXT)
    for (const refused of ['identity', 'br;q=0, gzip;q=0', 'deflate', '']) {
      const plain = await ask(refused)
      expect(plain.headers).not.toHaveProperty('content-encoding')
      expect(plain.headers).toMatchObject({ vary: 'Accept-Encoding', etag: '"v1"' })
      expect(plain.text).toBe(TEXT)
    }
  })

  it('adds to a Vary that is there', async () => {
    await serve({ vary: 'Cookie' })
    expect((await ask('br')).headers.vary).toBe('Cookie, Accept-Encoding')
  })

  const untouched: Record<string, [Record<string, string>, number?, string?]> = {
    'what is encoded already': [{ 'content-encoding': 'gzip' }],
    'what must not be transformed': [{ 'cache-control': 'public, no-transform' }],
    ranges: [{ 'content-range': 'bytes 0-1/2' }, 206],
    'types that do not gain': [{ 'content-type': 'image/jpeg' }],
    'event streams': [{ 'content-type': 'text/event-stream' }],
    'small bodies': [{ 'content-length': '5' }, 200, 'small'],
    'bodies with a digest of their own': [{ 'content-digest': 'sha-256=:x:' }],
  }
  it.each(Object.entries(untouched))('never %s', async (_title, [headers, status, body]) => {
    await serve(headers, status, body)
    const answer = await ask('br, gzip')
    expect(answer.headers['content-encoding']).toBe(headers['content-encoding'])
    expect(answer.text).toBe(body ?? TEXT)
  })

  it('never for HEAD, whose headers stay those of the backend', async () => {
    await serve({ 'content-length': String(TEXT.length) })
    const answer = await ask('br', 'HEAD')
    expect(answer.headers).toMatchObject({ 'content-length': String(TEXT.length), vary: 'Accept-Encoding' })
    expect(answer.headers).not.toHaveProperty('content-encoding')
  })

  it('a long response is compressed as it streams', async () => {
    const port = await fixture().backend((_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      for (let i = 0; i < 200; i++) res.write(TEXT)
      res.end()
    })
    await fixture().start(port)
    const answer = await ask('br, gzip')
    const decompress = answer.headers['content-encoding'] === 'br' ? brotliDecompressSync : gunzipSync
    expect(decompress(answer.body).toString()).toBe(TEXT.repeat(200))
  })
}
