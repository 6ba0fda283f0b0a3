import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { createGateway } from '@millrace/gateway'
import { Fixture } from '@millrace/gateway/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Running } from '../../bench/src/benchmark.ts'
import { startProduct } from './products.ts'

const BYTES = 1_000_000_000
const CHUNK = Buffer.alloc(65_536, 'x')
const LENGTHS: Readonly<Record<string, number>> = { '/small': CHUNK.length, '/first': 200_000_000 }

let fixture: Fixture
let gateway: Running | undefined
beforeEach(() => {
  fixture = new Fixture(createGateway)
})
afterEach(async () => {
  await gateway?.stop()
  await fixture.close()
})

const resident = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1_024

const transfer = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    let received = 0
    get(url, { agent: false }, (response) => {
      response.on('data', (chunk: Buffer) => (received += chunk.length))
      response.on('end', () => resolve(received))
      response.on('error', reject)
    }).on('error', reject)
  })

it('1 GB that may be cached passes through flat memory, and what is too large is not kept', async () => {
  let asked = 0
  const port = await fixture.backend((req, res) => {
    asked++
    res.writeHead(200, { 'cache-control': 'max-age=60', 'content-type': 'application/octet-stream' })
    let left = LENGTHS[req.url!] ?? BYTES
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
  gateway = await startProduct('millrace', `http://127.0.0.1:${port}`, '')
  const { pid, url } = gateway as { pid: number; url: string }
  for (let i = 0; i < 2; i++) await transfer(`${url}/small`)
  expect(asked).toBe(1)
  // What the heap and the sockets take once, they keep.
  await transfer(`${url}/first`)
  const before = resident(pid)
  let most = before
  const watch = setInterval(() => (most = Math.max(most, resident(pid))), 20)
  try {
    expect(await transfer(`${url}/large`)).toBeGreaterThanOrEqual(BYTES)
  } finally {
    clearInterval(watch)
  }
  expect(most - before).toBeLessThan(60_000_000)
})
