import { fork, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../src/index.ts'
import { Fixture } from '../src/testing/index.ts'

const BYTES = 200_000_000
const CHUNK = Buffer.alloc(65_536, 'x')

let fixture: Fixture
let child: ChildProcess | undefined
beforeEach(() => {
  fixture = new Fixture(createGateway)
})
afterEach(async () => {
  if (child !== undefined && child.exitCode === null) {
    const exited = new Promise((resolve) => child!.once('exit', resolve))
    child.kill('SIGKILL')
    await exited
  }
  await fixture.close()
})

/** Resident memory in bytes, from /proc. */
const resident = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1_024

/** A gateway in a process of its own, so that its memory is measured and not the test's. */
async function separateGateway(upstream: number): Promise<number> {
  const program = fileURLToPath(new URL('./support/single-gateway.ts', import.meta.url))
  child = fork(program, [String(upstream)], { execArgv: ['--conditions=millrace:source'] })
  return new Promise<number>((resolve, reject) => {
    child!.once('message', (port) => resolve(port as number))
    child!.once('exit', () => reject(new Error('the gateway did not start')))
  })
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

it('200 MB in each direction pass through flat memory', async () => {
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
  const port = await separateGateway(upstream)
  await transfer(port, 'GET', 0)
  const before = resident(child!.pid!)
  let most = before
  const watch = setInterval(() => (most = Math.max(most, resident(child!.pid!))), 20)
  try {
    expect(await transfer(port, 'GET', 0)).toBeGreaterThanOrEqual(BYTES)
    await transfer(port, 'POST', BYTES)
    expect(uploaded).toBeGreaterThanOrEqual(BYTES)
  } finally {
    clearInterval(watch)
  }
  expect(most - before).toBeLessThan(60_000_000)
})
