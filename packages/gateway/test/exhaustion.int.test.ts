import { Agent, request } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../src/index.ts'
import { Fixture, RawConnection } from '../src/testing/index.ts'
import { SeparateGateway } from './support/separate-gateway.ts'

let fixture: Fixture
let gateway: SeparateGateway | undefined
beforeEach(() => {
  fixture = new Fixture(createGateway)
})
afterEach(async () => {
  await gateway?.stop()
  await fixture.close()
})

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

it.each(['llhttp', 'strict'] as const)(
  'with 256 open files and more visitors than that, those who are in are served (%s)',
  async (http1) => {
    const upstream = await fixture.backend((_req, res) => res.end('ok'))
    gateway = await SeparateGateway.start(upstream, { openFiles: 256, http1 })
    const { port } = gateway
    const visitors = await Promise.all(Array.from({ length: 400 }, () => RawConnection.open(port)))
    try {
      for (const visitor of visitors) visitor.write(GET)
      await expect
        .poll(() => visitors.every(({ text, closed }) => text.endsWith('ok') || closed !== undefined), {
          timeout: 10_000,
        })
        .toBe(true)
      const served = visitors.filter(({ text }) => text !== '')
      expect(served.length).toBeGreaterThan(50)
      expect(served.filter(({ text }) => !text.startsWith('HTTP/1.1 200'))).toEqual([])
      const { stats, openFiles } = await gateway.report()
      expect(stats.pools[0]!.backends[0]).toMatchObject({ ejected: false, failures: 0 })
      expect(openFiles).toBeLessThan(256)
    } finally {
      for (const visitor of visitors) visitor.destroy()
    }
    await expect.poll(async () => (await gateway!.report()).stats.connections).toBe(0)
    const again = await RawConnection.open(port)
    again.write(GET)
    await again.until((text) => text.endsWith('ok'))
    again.destroy()
  },
)

const REQUESTS = { llhttp: 100_000, strict: 50_000 }
const LANES = 32

/** One request of a kind that its number decides: most are answered, some are aborted at different moments, some fail. */
function ask(port: number, agent: Agent, kind: number): Promise<void> {
  return new Promise((resolve) => {
    const failing = kind === 7 ? '/dies' : kind === 8 ? '/breaks' : kind === 9 ? '/slow' : '/'
    const upload = kind === 3 || kind === 6
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        agent,
        path: failing,
        method: upload ? 'POST' : 'GET',
        headers: kind === 4 ? { 'accept-encoding': 'gzip' } : {},
      },
      (response) => {
        if (kind === 5) outgoing.destroy()
        response.resume()
      },
    )
    outgoing.on('error', () => undefined)
    outgoing.on('close', () => resolve())
    if (kind === 6) {
      outgoing.write('a part')
      setImmediate(() => outgoing.destroy())
    } else {
      outgoing.end(upload ? 'all of it' : undefined)
      if (kind === 9) outgoing.on('socket', () => setImmediate(() => outgoing.destroy()))
    }
  })
}

it.each(['llhttp', 'strict'] as const)(
  'after many requests of every fate, memory, descriptors and counters are what they were (%s)',
  async (http1) => {
    const total = REQUESTS[http1]
    const page = '<p>text</p>'.repeat(300)
    const upstream = await fixture.backend((req, res) => {
      req.resume()
      if (req.url === '/dies') req.socket.destroy()
      else if (req.url === '/breaks') {
        res.writeHead(200, { 'content-length': '1000' })
        res.write('only this', () => res.destroy())
      } else if (req.url === '/slow') setTimeout(() => res.end(), 20)
      else res.writeHead(200, { 'content-type': 'text/html' }).end(page)
    })
    gateway = await SeparateGateway.start(upstream, { http1 })
    const { port } = gateway
    const round = async (requests: number): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: LANES })
      let next = 0
      const lane = async (): Promise<void> => {
        // One in 32 of each of the other fates; those that cost a connection are what a busy hour has of them.
        while (next < requests) await ask(port, agent, next++ % 32)
      }
      await Promise.all(Array.from({ length: LANES }, lane))
      agent.destroy()
    }
    const settled = async () => {
      await expect
        .poll(
          async () => {
            const { stats } = await gateway!.report()
            const [pool] = stats.pools
            return [stats.connections, stats.inFlight, pool!.queued, pool!.backends[0]!.inFlight]
          },
          { timeout: 10_000 },
        )
        .toEqual([0, 0, 0, 0])
      return gateway!.report()
    }
    // By then the allocator has what it needs for so many at once; after that it must not grow.
    await round(total / 4)
    const before = await settled()
    await round(total)
    // The connections to the backend that nobody uses are closed after half a second.
    await expect
      .poll(async () => (await gateway!.report()).openFiles, { timeout: 10_000 })
      .toBeLessThanOrEqual(before.openFiles)
    const after = await settled()
    expect(after.stats.requests).toBeGreaterThanOrEqual(total)
    // A tenth of a kilobyte per request would be 10 MB.
    expect(after.heapBytes - before.heapBytes).toBeLessThan(8_000_000)
    expect(after.residentBytes - before.residentBytes).toBeLessThan(90_000_000)
  },
  240_000,
)
