import { allocatePort } from '@millrace/core/process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Receiver } from './receiver.ts'

let receiver: Receiver
beforeEach(async () => (receiver = await Receiver.start()))
afterEach(() => receiver.close())

it('measures what goes out through fetch, by host and status', async () => {
  const target = createServer((request, response) => {
    response.statusCode = request.url === '/ok' ? 200 : 404
    response.end('x')
  })
  target.listen(0, '127.0.0.1')
  await once(target, 'listening')
  const host = `127.0.0.1:${(target.address() as AddressInfo).port}`
  try {
    const absent = `127.0.0.1:${await allocatePort()}`
    const environment = { TARGET: `http://${host}`, ABSENT: `http://${absent}`, MILLRACE_AGENT: 'on' }
    const app = receiver.app('fetch.mjs', environment)
    expect(await app.line()).toEqual([200, 404, 'failed'])
    expect(await app.exited).toEqual({ code: 0, signal: null })
    const found = receiver.points
      .filter(({ name }) => name === 'http_client_request_duration_seconds')
      .map(({ labels, value }) => [labels['host'], labels['status'], (value as { count: number }).count])
    expect(found).toEqual([
      [host, '200', 1],
      [host, '404', 1],
      [absent, 'error', 1],
    ])
  } finally {
    target.closeAllConnections()
    await new Promise((resolve) => target.close(resolve))
  }
})
