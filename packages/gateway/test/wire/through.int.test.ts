import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { parseRequestTarget } from '../../src/proxy/request-target.ts'
import { Fixture, RawConnection, statuses } from '../../src/testing/index.ts'
import { packets, requests } from './fuzz/grammar.ts'
import { Random } from './fuzz/random.ts'
import { NodeRequests } from './fuzz/request-readers.ts'
import type { Message } from './fuzz/seen.ts'
import { turn } from './fuzz/wire-stream.ts'

const VISITORS = 1_500
const SEED = 8_128
const LANES = 24
/** What a visitor who left, or whose message broke off, leaves at the backend. */
const BROKEN_OFF = new Set(['ECONNRESET', 'HPE_INVALID_EOF_STATE', 'EPIPE'])

let fixture: Fixture
beforeEach(() => {
  fixture = new Fixture((options) => createGateway({ ...options, http1: 'strict' }))
})
afterEach(() => fixture.close())

/** What llhttp makes of a visitor's bytes. */
async function complete(node: NodeRequests, bytes: Buffer): Promise<Message[]> {
  const read = node.read([bytes])
  for (let i = 0; i < 4; i++) await turn()
  return read().messages.filter((message) => message.complete)
}

function key(method: string, target: string, body: string): string {
  return `${method} ${parseRequestTarget(target)?.path ?? target} ${body}`
}

it('backends get the requests that llhttp reads in the bytes of a visitor, as often, and nothing else', async () => {
  const random = new Random(SEED)
  const node = new NodeRequests()
  /** By the address that the visitor comes from, each from another. */
  const owed = new Map<string, string[]>()
  const surplus: string[] = []
  const refused: string[] = []
  let seen = 0
  const port = await fixture.backend(
    (req, res) => {
      let body = ''
      req.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')))
      req.on('end', () => {
        seen++
        const what = key(req.method!, req.url!, body)
        const from = owed.get(req.headers['x-forwarded-for'] as string) ?? []
        const at = from.indexOf(what)
        if (at === -1) surplus.push(what)
        else from.splice(at, 1)
        res.end()
      })
    },
    (server) =>
      server.on('clientError', (error: Error & { code?: string }, socket) => {
        if (!BROKEN_OFF.has(error.code ?? '')) refused.push(error.code ?? error.message)
        socket.destroy()
      }),
  )
  await fixture.start(port)
  let visits = 0
  const visit = async (visitor: number): Promise<void> => {
    const bytes = requests(random)
    const parts = packets(random, bytes)
    const messages = await complete(node, bytes)
    const address = `127.${1 + (visitor >> 16)}.${(visitor >> 8) & 255}.${visitor & 255}`
    owed.set(
      address,
      messages.map(({ line, body }) => key(line.split(' ')[0]!, line.split(' ')[1]!, body)),
    )
    const connection = await RawConnection.open(fixture.port, address)
    for (const part of parts) connection.write(part)
    await connection
      .until((text) => statuses(text).length >= messages.length || connection.closed !== undefined, 300)
      .catch(() => '')
    connection.destroy()
  }
  const lane = async (): Promise<void> => {
    while (++visits <= VISITORS) await visit(visits)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  await expect.poll(async () => (await fixture.engine.stats()).inFlight, { timeout: 10_000 }).toBe(0)
  expect(surplus).toEqual([])
  expect(refused).toEqual([])
  expect(seen).toBeGreaterThan(VISITORS / 20)
}, 60_000)
