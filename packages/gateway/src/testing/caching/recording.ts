import { request, type ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { eventually } from '../fixture.ts'
import type { CachingSuitePart } from './caching-suite.ts'

const CACHEABLE = { 'cache-control': 'max-age=60', 'content-type': 'application/octet-stream' }
const MEBIBYTE = 1_048_576
/** More than the sockets of a visitor and of the gateway hold together. */
const LARGE = Buffer.alloc(24 * MEBIBYTE, 'x')
const ROOMY = { maxBodyBytes: 32 * MEBIBYTE, maxBytes: 256 * MEBIBYTE }

/** A visitor who reads nothing until `read`, which resolves with the number of bytes. */
function slowVisitor(port: number, path = '/'): { read(): Promise<number>; leave(): void } {
  const outgoing = request({ host: '127.0.0.1', port, path, agent: false, headers: { host: 'x' } })
  const received = new Promise<number>((resolve, reject) => {
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      response.pause()
      let bytes = 0
      reading = () => {
        response.on('data', (chunk: Buffer) => (bytes += chunk.length))
        response.on('end', () => resolve(bytes))
        response.on('error', reject)
        response.resume()
      }
    })
  })
  let reading = (): void => undefined
  outgoing.end()
  return {
    leave() {
      received.catch(() => undefined)
      outgoing.destroy()
    },
    read() {
      reading()
      return received
    },
  }
}

export const recordingPart: CachingSuitePart = (fixture) => {
  it('nothing of a body that ends in the middle, and its visitors learn that', async () => {
    let asked = 0
    await fixture().serve((_req, res) => {
      asked++
      if (asked === 1) {
        res.writeHead(200, { ...CACHEABLE, 'content-length': '100' })
        res.write('x'.repeat(50), () => res.destroy())
      } else res.writeHead(200, CACHEABLE).end('whole')
    })
    await expect(fixture().ask('/')).rejects.toThrow(/aborted|hang up/)
    expect((await fixture().ask('/')).text).toBe('whole')
    expect((await fixture().ask('/')).text).toBe('whole')
    expect(asked).toBe(2)
  })

  it('nothing of a chunked body that ends in the middle', async () => {
    let asked = 0
    await fixture().serve((_req, res) => {
      asked++
      res.writeHead(200, CACHEABLE)
      if (asked === 1) res.write('half', () => res.destroy())
      else res.end('whole')
    })
    await expect(fixture().ask('/')).rejects.toThrow(/aborted|hang up/)
    expect((await fixture().ask('/')).text).toBe('whole')
    expect(asked).toBe(2)
  })

  it('nothing of a body that is too large, which passes all the same', async () => {
    let asked = 0
    await fixture().serve(
      (_req, res) => {
        asked++
        res.writeHead(200, CACHEABLE)
        for (let i = 0; i < 20; i++) res.write(Buffer.alloc(65_536, 'x'))
        res.end()
      },
      { maxBodyBytes: 100_000 },
    )
    for (let i = 0; i < 2; i++) expect((await fixture().ask('/')).body.length).toBe(20 * 65_536)
    expect(asked).toBe(2)
    expect(await fixture().cacheStats()).toMatchObject({ entries: 0 })
  })

  it('at the application’s pace, however slowly its visitor reads', async () => {
    let asked = 0
    await fixture().serve((_req, res) => {
      asked++
      res.writeHead(200, { ...CACHEABLE, 'content-length': String(LARGE.length) }).end(LARGE)
    }, ROOMY)
    const slow = slowVisitor(fixture().port)
    await expect.poll(async () => (await fixture().cacheStats()).entries, { timeout: 10_000 }).toBe(1)
    const quick = await fixture().ask('/', { headers: { host: 'x' } })
    expect(quick.body.length).toBe(LARGE.length)
    expect(await slow.read()).toBe(LARGE.length)
    expect(asked).toBe(1)
  })

  it('what was read ahead is given back, however its visitor ends', async () => {
    await fixture().serve(
      (_req, res) => res.writeHead(200, { ...CACHEABLE, 'content-length': String(LARGE.length) }).end(LARGE),
      ROOMY,
      // Enough for one at a time.
      { cache: { aheadBytes: 30 * MEBIBYTE } },
    )
    for (const [index, path] of ['/reads', '/leaves', '/last'].entries()) {
      const slow = slowVisitor(fixture().port, path)
      await expect
        .poll(async () => (await fixture().cacheStats()).entries, { timeout: 10_000 })
        .toBe(index + 1)
      if (path === '/leaves') slow.leave()
      else await slow.read()
      await expect.poll(async () => (await fixture().engine.stats()).inFlight, { timeout: 10_000 }).toBe(0)
    }
  })

  it('beyond the limit of what is read ahead, at the visitor’s', async () => {
    let response: ServerResponse | undefined
    await fixture().serve(
      (_req, res) => {
        response = res
        res.writeHead(200, { ...CACHEABLE, 'content-length': String(LARGE.length) }).end(LARGE)
      },
      ROOMY,
      { cache: { aheadBytes: MEBIBYTE } },
    )
    const slow = slowVisitor(fixture().port)
    await eventually(() => response !== undefined, 'the request at the backend')
    let sent = -1
    // Until nothing more goes out: the backend waits for the visitor.
    await expect
      .poll(
        () => {
          const before = sent
          sent = response!.socket?.bytesWritten ?? 0
          return sent > 0 && sent === before
        },
        { interval: 100, timeout: 10_000 },
      )
      .toBe(true)
    expect(response!.writableFinished).toBe(false)
    expect(await fixture().cacheStats()).toMatchObject({ entries: 0 })
    expect(await slow.read()).toBe(LARGE.length)
    await expect.poll(async () => (await fixture().cacheStats()).entries, { timeout: 10_000 }).toBe(1)
  })

  it('to the end when its visitor leaves, for the others', async () => {
    let asked = 0
    const released = Promise.withResolvers<void>()
    await fixture().serve(async (_req, res) => {
      asked++
      res.writeHead(200, CACHEABLE)
      res.write('first ')
      await released.promise
      res.end('second')
    })
    const leaving = await fixture().connect()
    leaving.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await leaving.until((text) => text.includes('first'))
    leaving.destroy()
    await expect.poll(async () => (await fixture().engine.stats()).inFlight, { timeout: 10_000 }).toBe(0)
    released.resolve()
    expect((await fixture().ask('/', { headers: { host: 'x' } })).text).toBe('first second')
    expect(asked).toBe(1)
  })

  it('not for longer than agreed after its visitor left, and not at all when it is not stored', async () => {
    const closed: string[] = []
    await fixture().serve(
      (req, res) => {
        res.on('close', () => closed.push(req.url!))
        res.writeHead(200, req.url === '/stored' ? CACHEABLE : { 'cache-control': 'no-store' })
        res.write('first')
      },
      {},
      { cache: { finishMs: 50 } },
    )
    for (const path of ['/stored', '/private']) {
      const leaving = await fixture().connect()
      leaving.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
      await leaving.until((text) => text.includes('first'))
      leaving.destroy()
      await eventually(() => closed.includes(path), `the end of ${path} at the backend`)
    }
    expect(await fixture().cacheStats()).toMatchObject({ entries: 0 })
  })
}
