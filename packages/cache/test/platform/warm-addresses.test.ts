import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { silentLogger, systemClock } from '@millrace/core'
import { expect, it, onTestFinished } from 'vitest'
import { warmAddresses } from '../../src/platform/warm-addresses.ts'

async function serve(): Promise<{ origin: string; asked: string[]; most: () => number }> {
  const asked: string[] = []
  let running = 0
  let most = 0
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    most = Math.max(most, ++running)
    setImmediate(() => {
      running--
      if (request.url === '/hangs') return
      response.statusCode = request.url === '/gone' ? 404 : 200
      response.end('x'.repeat(100_000))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, most: () => most }
}

const how = { concurrency: 2, timeoutMs: 200, clock: systemClock, logger: silentLogger }

it('asks for every address, not more of them at a time than allowed, and reports what failed', async () => {
  const { origin, asked, most } = await serve()
  const paths = ['/1', '/2', '/gone', '/hangs', '/3']
  const fractions: number[] = []
  const report = await warmAddresses(
    paths.map((path) => origin + path),
    { ...how, signal: new AbortController().signal, onProgress: (fraction) => void fractions.push(fraction) },
  )
  expect(report).toMatchObject({ requested: 5, ok: 3, failed: 2 })
  expect(report.failures.toSorted()).toEqual([
    `${origin}/gone: answered 404`,
    expect.stringContaining(`${origin}/hangs: `),
  ])
  expect(asked.toSorted()).toEqual(paths.toSorted())
  expect(most()).toBeLessThanOrEqual(2)
  expect(fractions.at(-1)).toBe(1)
})

it('stops when it is told to', async () => {
  const { origin, asked } = await serve()
  const stop = new AbortController()
  const urls = Array.from({ length: 50 }, (_, index) => `${origin}/${index}`)
  const report = await warmAddresses(urls, {
    ...how,
    concurrency: 1,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  })
  expect(report.requested).toBe(1)
  expect(asked).toEqual(['/0'])
})
