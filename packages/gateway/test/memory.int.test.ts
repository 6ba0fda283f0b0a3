import { readdirSync, readFileSync } from 'node:fs'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createHaproxyGateway } from '../src/drivers/haproxy/haproxy.ts'
import { createGateway } from '../src/index.ts'
import { Fixture, onePool } from '../src/testing/index.ts'
import { SeparateGateway } from './support/separate-gateway.ts'

/**
 * Each way, in each case. By hand with more:
 * `LARGE_BODY_MB=1000 npm run integration -- packages/gateway/test/memory`
 */
const BYTES = Number(process.env['LARGE_BODY_MB'] ?? 200) * 1_000_000
const CHUNK = Buffer.alloc(65_536, 'x')

let fixture: Fixture
let gateway: SeparateGateway | undefined
beforeEach(() => {
  gateway = undefined
})
afterEach(async () => {
  await gateway?.stop()
  await fixture.close()
})

const status = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
const field = (pid: number, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status(pid))?.[1] ?? 0)

/** Resident memory in bytes, from /proc. */
const resident = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + field(pid, 'VmRSS'), 0) * 1_024

/** HAProxy’s master and its workers. */
function haproxyProcesses(): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  const below = (pid: number): boolean =>
    pid > 1 && (field(pid, 'PPid') === process.pid || below(field(pid, 'PPid')))
  return all.filter((pid) => /^Name:\s+haproxy$/m.test(status(pid)) && below(pid))
}

/** Writes so many bytes at the pace of whoever reads. */
function fill(
  to: { write(chunk: Buffer): boolean; once(event: 'drain', listener: () => void): unknown; end(): unknown },
  bytes: number,
): void {
  let left = bytes
  const more = (): void => {
    while (left > 0) {
      left -= CHUNK.length
      if (!to.write(CHUNK)) {
        to.once('drain', more)
        return
      }
    }
    to.end()
  }
  more()
}

function transfer(port: number, method: string, upload: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = 0
    const outgoing = request({ host: '127.0.0.1', port, method, path: '/' }, (response) => {
      response.on('data', (chunk: Buffer) => (received += chunk.length))
      response.on('end', () => resolve(received))
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    fill(outgoing, upload)
  })
}

it.each([
  ['node', 'http1'],
  ['node, strict', 'http1'],
  ['node', 'http2'],
  ['haproxy', 'http1'],
  ['haproxy', 'http2'],
] as const)(
  `${BYTES / 1e6} MB in each direction pass through flat memory: engine %s, backend %s`,
  async (engine, protocol) => {
    fixture = new Fixture(engine === 'haproxy' ? createHaproxyGateway : createGateway)
    let uploaded = 0
    const answer = (
      req: IncomingMessage | Http2ServerRequest,
      res: ServerResponse | Http2ServerResponse,
    ): void => {
      req.on('data', (chunk: Buffer) => (uploaded += chunk.length))
      req.on('end', () => fill(res, req.method === 'GET' ? BYTES : 0))
    }
    const upstream = protocol === 'http1' ? await fixture.backend(answer) : await fixture.http2Backend(answer)
    let port: number
    let pids: number[]
    if (engine !== 'haproxy') {
      gateway = await SeparateGateway.start(upstream, {
        protocol,
        http1: engine === 'node' ? 'llhttp' : 'strict',
      })
      port = gateway.port
      pids = [gateway.pid]
    } else {
      const { routes, pools } = onePool(upstream)
      await fixture.start(
        { routes, pools: [{ ...pools[0]!, protocol }] },
        { limits: { bodyBytes: 10_000_000_000 } },
      )
      port = fixture.port
      pids = haproxyProcesses()
    }
    await transfer(port, 'GET', 0)
    const before = resident(pids)
    let most = before
    const watch = setInterval(() => (most = Math.max(most, resident(pids))), 20)
    try {
      expect(await transfer(port, 'GET', 0)).toBeGreaterThanOrEqual(BYTES)
      await transfer(port, 'POST', BYTES)
      expect(uploaded).toBeGreaterThanOrEqual(BYTES)
    } finally {
      clearInterval(watch)
    }
    expect(before).toBeGreaterThan(1_000_000)
    expect(most - before).toBeLessThan(60_000_000)
  },
  60_000,
)
