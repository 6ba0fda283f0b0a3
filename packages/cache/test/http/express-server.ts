import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock, type FakeClock } from '@millrace/testing'
import express, { type Express } from 'express'
import { onTestFinished } from 'vitest'
import { createCache, type MemoryCache } from '../../src/index.ts'

export interface Served {
  port: number
  cache: MemoryCache
  clock: FakeClock
}

/** An Express application with a cache on a clock that stands still, until the end of the test. */
export async function serveExpress(build: (app: Express, cache: MemoryCache) => void): Promise<Served> {
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
