import { once } from 'node:events'
import { request as send, type OutgoingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock, type FakeClock } from '@millrace/testing'
import express, { type Express, type Request } from 'express'
import { onTestFinished } from 'vitest'
import { createCache, type CacheManager } from '../../src/index.ts'

export interface Served {
  port: number
  cache: CacheManager
  clock: FakeClock
}

/** An Express application with a cache on a clock that stands still, until the end of the test. */
export async function serveExpress(build: (app: Express, cache: CacheManager) => void): Promise<Served> {
  const clock = fakeClock()
  const cache = createCache({ clock, registry: new MetricRegistry() })
  const app = express()
  build(app, cache)
  const server: Server = app.listen(0, '127.0.0.1')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, cache, clock }
}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** With a client that sends what `fetch` would not: any Host, any path as it stands. */
export async function serveRaw(
  build: (app: Express, cache: CacheManager) => void,
): Promise<Served & { ask: (path: string, headers?: OutgoingHttpHeaders) => Promise<Answer> }> {
  const served = await serveExpress(build)
  const { port } = served
  const ask = (path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const call = send({ host: '127.0.0.1', port, path, headers: { host: 'shop.example', ...headers } })
      call.once('error', reject)
      call.once('response', (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => (body += text))
        response.once('error', reject)
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        )
      })
      call.end()
    })
  return { ...served, ask }
}

/** A layer that changes headers when they are written, as express-session, compression and `on-headers` do. */
export function onHeaders(response: ServerResponse, change: () => void): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse
  let changed = false
  response.writeHead = ((...args: unknown[]) => {
    if (!changed) {
      changed = true
      change()
    }
    return writeHead(...args)
  }) as ServerResponse['writeHead']
}

/** With a client that behaves like a browser's. */
export async function serveFetch(build: Parameters<typeof serveExpress>[0]) {
  const served = await serveExpress(build)
  const url = `http://127.0.0.1:${served.port}`
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(`${url}${path}`, { headers, method })
    return { status: response.status, headers: response.headers, body: await response.text() }
  }
  return { ...served, ask, url }
}

/** Answers with the number of calls so far. */
export function counting(prepare: (response: express.Response, request: Request) => void = () => undefined) {
  let calls = 0
  const handler = (request: Request, response: express.Response): void => {
    calls++
    prepare(response, request)
    response.json({ calls })
  }
  return { handler, calls: () => calls }
}
