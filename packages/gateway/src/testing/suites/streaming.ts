import { expect, it } from 'vitest'
import type { ServerResponse } from 'node:http'
import type { EngineSuitePart } from '../engine-suite.ts'
import { eventually } from '../fixture.ts'

export const streamingSuite: EngineSuitePart = (fixture) => {
  it('events arrive one by one, the head before the first', async () => {
    let stream: ServerResponse | undefined
    const port = await fixture().backend((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.flushHeaders()
      stream = res
    })
    await fixture().start(port)
    const connection = await fixture().connect()
    connection.write(
      'GET / HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nAccept-Encoding: br, gzip\r\n\r\n',
    )
    await connection.until((text) => text.includes('\r\n\r\n'))
    expect(connection.text.toLowerCase()).not.toContain('content-encoding')
    for (const event of ['data: one\n\n', 'data: two\n\n']) {
      stream!.write(event)
      await connection.until((text) => text.includes(event))
    }
  })

  it('chunks of a slow response are not held back, compressed ones included', async () => {
    let finish: (() => void) | undefined
    const port = await fixture().backend((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/html' })
      res.write('<p>'.repeat(1_000))
      finish = () => res.end()
    })
    await fixture().start(port)
    const connection = await fixture().connect()
    connection.write('GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n')
    // More than gzip's own header of ten bytes: the compressed paragraph is there.
    await connection.until(
      (text) => text.split('\r\n\r\n')[1] !== undefined && text.split('\r\n\r\n')[1]!.length > 25,
    )
    finish!()
    expect(await connection.until((text) => text.endsWith('0\r\n\r\n'))).toMatch(/content-encoding: gzip/i)
  })

  it('an upload streams: the backend has its beginning before its end is sent', async () => {
    let received = ''
    const port = await fixture().backend((req, res) => {
      req.on('data', (chunk: Buffer) => (received += chunk.toString()))
      req.on('end', () => res.end(received))
    })
    await fixture().start(port)
    const connection = await fixture().connect()
    connection.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n')
    await eventually(() => received === 'one', 'the beginning arrived')
    connection.write('3\r\ntwo\r\n0\r\n\r\n')
    expect(await connection.until((text) => text.includes('onetwo'))).toContain('HTTP/1.1 200')
  })

  it('a visitor that does not read holds the backend back', async () => {
    let written = 0
    let blocked = false
    const chunk = Buffer.alloc(65_536)
    const port = await fixture().backend((_req, res) => {
      const fill = (): void => {
        while (written < 200_000_000) {
          written += chunk.length
          if (!res.write(chunk)) {
            blocked = true
            res.once('drain', fill)
            return
          }
          blocked = false
        }
        res.end()
      }
      fill()
    })
    await fixture().start(port)
    const connection = await fixture().connect()
    connection.socket.pause()
    connection.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    let before = -1
    let still = 0
    await eventually(() => {
      still = written === before && blocked ? still + 1 : 0
      before = written
      return still > 20
    }, 'the backend stopped writing')
    // What the kernel's buffers on the way hold, not what the backend has.
    expect(written).toBeLessThan(60_000_000)
  })

  it('a backend that does not read holds the visitor back', async () => {
    const port = await fixture().rawBackend((socket) => socket.pause())
    await fixture().start(port)
    const connection = await fixture().connect()
    connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000000\r\n\r\n')
    const chunk = Buffer.alloc(1_000_000)
    let accepted = 0
    for (; accepted < 80; accepted++) {
      if (connection.socket.write(chunk)) continue
      const drained = await Promise.race([
        new Promise<boolean>((resolve) => connection.socket.once('drain', () => resolve(true))),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 500)),
      ])
      if (!drained) break
    }
    expect(accepted).toBeLessThan(60)
  })
}
