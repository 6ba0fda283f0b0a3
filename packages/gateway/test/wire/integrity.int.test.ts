import { createHash } from 'node:crypto'
import { Agent, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { Fixture, statuses } from '../../src/testing/index.ts'
import { Random } from './fuzz/random.ts'

let fixture: Fixture
beforeEach(() => {
  fixture = new Fixture((options) =>
    createGateway({ ...options, http1: 'strict', compression: { enabled: false } }),
  )
})
afterEach(() => fixture.close())

const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex')

/** Bytes in which each place can be told from the others. */
const content = (random: Random, bytes: number): Buffer => {
  const from = random.below(1_000)
  return Buffer.from(Array.from({ length: bytes }, (_, i) => ((from + i) * 2_654_435_761) >>> 24))
}

/** Written in pieces of any size. */
function write(random: Random, to: { write(chunk: Buffer): unknown; end(): unknown }, data: Buffer): void {
  for (let at = 0; at < data.length;) {
    const end = Math.min(data.length, at + 1 + random.below(random.chance(0.5) ? 100_000 : 300))
    to.write(data.subarray(at, end))
    at = end
  }
  to.end()
}

const received = (message: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('error', reject)
    message.on('end', () => resolve(Buffer.concat(chunks)))
  })

it('bodies of any size and framing arrive as they were sent, in both directions', async () => {
  const random = new Random(4_711)
  const echo = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const data = await received(req)
    if (random.chance(0.5)) res.setHeader('content-length', data.length)
    write(random, res, data)
  }
  const port = await fixture.backend((req, res) => void echo(req, res))
  await fixture.start(port)
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const ask = async (): Promise<void> => {
    const data = content(random, random.of([0, 1, 100, 5_000, 70_000, 400_000]))
    const headers = random.chance(0.5) ? { 'content-length': String(data.length) } : {}
    const outgoing = request({ port: fixture.port, method: 'POST', path: '/', agent, headers })
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('response', resolve)
      outgoing.on('error', reject)
    })
    write(random, outgoing, data)
    expect(digest(await received(await answered))).toBe(digest(data))
  }
  try {
    for (let round = 0; round < 12; round++) await Promise.all(Array.from({ length: 16 }, ask))
  } finally {
    agent.destroy()
  }
})

it('pipelined requests are answered in their order, whichever is ready first', async () => {
  const random = new Random(12)
  const port = await fixture.backend((req, res) => {
    req.resume()
    req.on('end', () => setTimeout(() => res.end(`<${req.url}>`), random.below(15)))
  })
  await fixture.start(port)
  const connection = await fixture.connect()
  for (let round = 0; round < 5; round++) {
    let text = ''
    for (let i = 0; i < 20; i++) {
      const body = random.chance(0.5) ? 'hello' : ''
      text += `POST /${round}-${i} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    }
    for (let at = 0; at < text.length;) {
      const end = at + 1 + random.below(200)
      connection.write(text.slice(at, end))
      at = end
    }
    await connection.until((all) => all.includes(`</${round}-19>`))
  }
  expect(statuses(connection.text)).toEqual(Array.from({ length: 100 }, () => 200))
  const order = [...connection.text.matchAll(/<\/(\d-\d+)>/g)].map(([, id]) => id)
  expect(order).toEqual(Array.from({ length: 100 }, (_, i) => `${Math.floor(i / 20)}-${i % 20}`))
})
