import type { ServerResponse } from 'node:http'
import { constants } from 'node:http2'
import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'
import { eventually } from '../fixture.ts'
import { Http2Visitor, startSecure } from '../tls-visitor.ts'

const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_CANCEL } = constants

/** HTTP/2 towards visitors: the same requests and answers, in other frames. */
export const http2VisitorsSuite: EngineSuitePart = (fixture) => {
  it('forwards a request as HTTP/1.1 would have brought it', async () => {
    const port = await fixture().backend((req, res) => {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      req.on('end', () => {
        const { method, url, headers } = req
        res.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }))
      })
    })
    if ((await startSecure(fixture(), port)) === undefined) return
    const visitor = await Http2Visitor.open(fixture())
    const got = await visitor.ask({ ':path': '/a?b=c', cookie: ['a=1', 'b=2'], te: 'trailers', 'x-own': '1' })
    expect(got.status).toBe(200)
    const seen = JSON.parse(got.text) as { url: string; headers: Record<string, string> }
    expect(seen.url).toBe('/a?b=c')
    expect(seen.headers).toMatchObject({
      host: 'shop.example',
      cookie: 'a=1; b=2',
      te: 'trailers',
      'x-own': '1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
    })
    expect(Object.keys(seen.headers).filter((name) => name.startsWith(':'))).toEqual([])

    const unannounced = await visitor.ask({ ':path': '/', ':method': 'POST' }, 'some text')
    expect(JSON.parse(unannounced.text)).toMatchObject({ method: 'POST', body: 'some text' })
    const announced = await visitor.ask({ ':path': '/', ':method': 'PUT', 'content-length': 4 }, 'text')
    expect(JSON.parse(announced.text)).toMatchObject({
      method: 'PUT',
      body: 'text',
      headers: { 'content-length': '4' },
    })
  })

  it('gives answers without what belongs to a connection of HTTP/1.1', async () => {
    const port = await fixture().backend((_req, res) => {
      res.setHeader('Connection', 'keep-alive, X-Hop')
      res.setHeader('Keep-Alive', 'timeout=9')
      res.setHeader('X-Hop', '1')
      res.setHeader('X-Kept', '1')
      res.setHeader('Set-Cookie', ['a=1', 'b=2'])
      res.end('text')
    })
    if ((await startSecure(fixture(), port)) === undefined) return
    const { headers, text } = await (await Http2Visitor.open(fixture())).ask({ ':path': '/' })
    expect(text).toBe('text')
    expect(headers).toMatchObject({ 'x-kept': '1', 'set-cookie': ['a=1', 'b=2'] })
    for (const name of ['connection', 'keep-alive', 'x-hop', 'transfer-encoding', 'upgrade'])
      expect(headers).not.toHaveProperty(name)
  })

  it('answers without a body', async () => {
    const port = await fixture().backend((req, res) => {
      if (req.url === '/none') res.writeHead(204).end()
      else if (req.url === '/same') res.writeHead(304, { etag: '"1"' }).end()
      else res.writeHead(200, { 'content-length': '5' }).end(req.method === 'HEAD' ? undefined : 'hello')
    })
    if ((await startSecure(fixture(), port)) === undefined) return
    const visitor = await Http2Visitor.open(fixture())
    expect(await visitor.ask({ ':path': '/none' })).toMatchObject({ status: 204, text: '', code: 0 })
    expect(await visitor.ask({ ':path': '/same' })).toMatchObject({ status: 304, text: '', code: 0 })
    const head = await visitor.ask({ ':path': '/', ':method': 'HEAD' })
    expect(head).toMatchObject({ status: 200, text: '', code: 0, headers: { 'content-length': '5' } })
  })

  it('passes interim answers and trailers', async () => {
    const port = await fixture().backend((req, res) => {
      res.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' })
      req.on('data', () => undefined)
      req.on('end', () => {
        res.writeHead(200, { trailer: 'grpc-status' })
        res.write('part')
        res.addTrailers({ 'grpc-status': '0' })
        res.end()
      })
    })
    if ((await startSecure(fixture(), port)) === undefined) return
    const visitor = await Http2Visitor.open(fixture())
    const answer = await visitor.ask({ ':path': '/', ':method': 'POST', expect: '100-continue' }, 'x')
    expect(answer.text).toBe('part')
    expect(answer.trailers).toMatchObject({ 'grpc-status': '0' })
    expect(answer.interim.map((one) => one[':status'])).toEqual([100, 103])
    expect(answer.interim[1]).toMatchObject({ link: '</a.css>; rel=preload; as=style' })
  })

  it('refuses what two could read in two ways', async () => {
    let asked = 0
    const port = await fixture().backend((_req, res) => {
      asked++
      res.end('ok')
    })
    if ((await startSecure(fixture(), port)) === undefined) return
    const visitor = await Http2Visitor.open(fixture())
    const refused = [
      { ':path': '/', host: 'other.example' },
      { ':path': '/', ':authority': 'user@shop.example' },
      { ':path': '/', ':scheme': 'http' },
      { ':path': 'nothing' },
    ]
    for (const headers of refused) {
      // A reset where the frame itself is malformed (RFC 9113, 8.1.1).
      const { status, code } = await visitor.ask(headers)
      expect(status === 400 || (status === 0 && code !== 0)).toBe(true)
    }
    expect((await visitor.ask({ ':method': 'CONNECT', ':authority': 'shop.example:443' })).status).toBe(405)
    const tooLong = await visitor.ask({ ':path': '/', ':method': 'POST', 'content-length': 3 }, 'longer')
    expect(tooLong.status).not.toBe(200)
    expect(asked).toBe(0)
    // On another connection: a length that does not hold may end the one that it came by.
    const other = await Http2Visitor.open(fixture())
    expect((await other.ask({ ':path': '/', host: 'shop.example' })).status).toBe(200)
  })

  it('resets a stream whose backend dies in the middle, and no other', async () => {
    const held: ServerResponse[] = []
    const port = await fixture().backend((req, res) => {
      if (req.url === '/whole') {
        held.push(res)
        return
      }
      res.writeHead(200, req.url === '/length' ? { 'content-length': '100' } : {})
      res.write('part', () => setTimeout(() => res.destroy(), 20))
    })
    if ((await startSecure(fixture(), port)) === undefined) return
    const visitor = await Http2Visitor.open(fixture())
    const whole = visitor.ask({ ':path': '/whole' })
    for (const path of ['/length', '/chunked']) {
      const cut = await visitor.ask({ ':path': path })
      expect(cut).toMatchObject({ status: 200, text: 'part', code: NGHTTP2_INTERNAL_ERROR })
    }
    await eventually(() => held.length === 1, 'the other request')
    held[0]!.end('whole')
    expect(await whole).toMatchObject({ text: 'whole', code: 0 })
  })

  it('ends the backend’s request when a visitor cancels', async () => {
    let closed = false
    let began = false
    const port = await fixture().backend((req, res) => {
      if (req.method === 'HEAD') {
        res.end()
        return
      }
      began = true
      res.on('close', () => (closed = true))
      res.write('part')
    })
    if ((await startSecure(fixture(), port)) === undefined) return
    const visitor = await Http2Visitor.open(fixture())
    const stream = visitor.session.request({ ':path': '/' })
    stream.on('error', () => undefined)
    await eventually(() => began, 'the backend was asked')
    stream.close(NGHTTP2_CANCEL)
    await eventually(() => closed, 'the backend’s request is over')
    await eventuallyIdle()
    expect((await visitor.ask({ ':path': '/', ':method': 'HEAD' })).status).toBe(200)

    async function eventuallyIdle(): Promise<void> {
      let inFlight = 1
      const look = setInterval(() => {
        void fixture()
          .engine.stats()
          .then(
            (stats) => (inFlight = stats.inFlight),
            () => undefined,
          )
      }, 20)
      await eventually(() => inFlight === 0, 'nothing is in flight').finally(() => clearInterval(look))
    }
  })

  it('holds a backend back whose visitor does not read, while others are served', async () => {
    let written = 0
    const port = await fixture().backend((req, res) => {
      if (req.url === '/small') {
        res.end('small')
        return
      }
      const chunk = Buffer.alloc(65_536)
      const more = (): void => {
        while (written < 400 * chunk.length) {
          written += chunk.length
          if (!res.write(chunk)) {
            res.once('drain', more)
            return
          }
        }
        res.end()
      }
      more()
    })
    if ((await startSecure(fixture(), port)) === undefined) return
    const visitor = await Http2Visitor.open(fixture())
    const stream = visitor.session.request({ ':path': '/big' })
    await new Promise((resolve) => stream.once('response', resolve))
    let before = -1
    await eventually(() => {
      const same = written === before
      before = written
      return same
    }, 'the backend is held back')
    expect(written).toBeLessThan(400 * 65_536)
    expect((await visitor.ask({ ':path': '/small' })).text).toBe('small')
    let received = 0
    stream.on('data', (chunk: Buffer) => (received += chunk.length))
    await new Promise((resolve) => stream.once('close', resolve))
    expect(received).toBe(400 * 65_536)
  })

  it('answers many requests of one connection at the same time', async () => {
    const port = await fixture().backend((req, res) => res.end(req.url))
    if ((await startSecure(fixture(), port)) === undefined) return
    const visitor = await Http2Visitor.open(fixture())
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, at) => visitor.ask({ ':path': `/${at}` })),
    )
    expect(answers.map(({ text }) => text)).toEqual(answers.map((_, at) => `/${at}`))
    const { connections, requests } = await fixture().engine.stats()
    expect({ connections, requests }).toEqual({ connections: 1, requests: 300 })
  })

  it('refuses a body that is too large, and keeps the connection', async () => {
    const port = await fixture().backend((req, res) => req.resume().on('end', () => res.end('ok')))
    if ((await startSecure(fixture(), port, { limits: { bodyBytes: 1_000 } })) === undefined) return
    const visitor = await Http2Visitor.open(fixture())
    const announced = { ':path': '/', ':method': 'POST', 'content-length': 5_000 }
    expect((await visitor.ask(announced, Buffer.alloc(5_000))).status).toBe(413)
    expect((await visitor.ask({ ':path': '/', ':method': 'POST' }, Buffer.alloc(5_000))).status).toBe(413)
    expect((await visitor.ask({ ':path': '/' })).text).toBe('ok')
  })

  it('drains: says goodbye, answers what it has, and closes', async () => {
    const held: ServerResponse[] = []
    const port = await fixture().backend((_req, res) => held.push(res))
    if ((await startSecure(fixture(), port, { timeouts: { lingerMs: 100 } })) === undefined) return
    const visitor = await Http2Visitor.open(fixture())
    const answer = visitor.ask({ ':path': '/' })
    await eventually(() => held.length === 1, 'the backend was asked')
    const closed = fixture().engine.close({ deadlineMs: 5_000 })
    await eventually(() => visitor.goaways.length > 0, 'GOAWAY')
    held[0]!.end('after all')
    expect(await answer).toMatchObject({ status: 200, text: 'after all', code: 0 })
    await closed
    await eventually(() => visitor.session.destroyed, 'the connection is closed')
    expect(visitor.goaways.every((code) => code === 0)).toBe(true)
  })
}
