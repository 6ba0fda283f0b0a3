import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../src/index.ts'
import { Fixture } from '../src/testing/index.ts'
import { SeparateGateway } from './support/separate-gateway.ts'

const BYTES = 200_000_000
const CHUNK = Buffer.alloc(65_536, 'x')

let fixture: Fixture
let gateway: SeparateGateway | undefined
beforeEach(() => {
  fixture = new Fixture(createGateway)
})
afterEach(async () => {
  await gateway?.stop()
  await fixture.close()
})

/** Resident memory in bytes, from /proc. */
const resident = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1_024

function transfer(port: number, method: string, upload: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = 0
    const outgoing = request({ host: '127.0.0.1', port, method, path: '/' }, (response) => {
      response.on('data', (chunk: Buffer) => (received += chunk.length))
      response.on('end', () => resolve(received))
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    let left = upload
    const fill = (): void => {
      while (left > 0) {
        left -= CHUNK.length
        if (!outgoing.write(CHUNK)) {
          outgoing.once('drain', fill)
          return
        }
      }
      outgoing.end()
    }
    fill()
  })
}

it.each(['llhttp', 'strict'] as const)(
  '200 MB in each direction pass through flat memory (%s)',
  async (http1) => {
    let uploaded = 0
    const upstream = await fixture.backend((req, res) => {
      req.on('data', (chunk: Buffer) => (uploaded += chunk.length))
      req.on('end', () => {
        let left = req.method === 'GET' ? BYTES : 0
        const fill = (): void => {
          while (left > 0) {
            left -= CHUNK.length
            if (!res.write(CHUNK)) {
              res.once('drain', fill)
              return
            }
          }
          res.end()
        }
        fill()
      })
    })
    gateway = await SeparateGateway.start(upstream, { http1 })
    const { port, pid } = gateway
    await transfer(port, 'GET', 0)
    const before = resident(pid)
    let most = before
    const watch = setInterval(() => (most = Math.max(most, resident(pid))), 20)
    try {
      expect(await transfer(port, 'GET', 0)).toBeGreaterThanOrEqual(BYTES)
      await transfer(port, 'POST', BYTES)
      expect(uploaded).toBeGreaterThanOrEqual(BYTES)
    } finally {
      clearInterval(watch)
    }
    expect(most - before).toBeLessThan(60_000_000)
  },
)
