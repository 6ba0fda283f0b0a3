import { readdirSync } from 'node:fs'
import type { EngineOptions } from '../../src/config.ts'
import { createGateway, type GatewayStats } from '../../src/index.ts'

/** A gateway in a process of its own: its ports are its first message; every message to it is answered with a report. */

export interface ProcessReport {
  stats: GatewayStats
  /** Bytes, after a collection when `gc` is exposed. */
  residentBytes: number
  heapBytes: number
  openFiles: number
}

/** `port of the backend, parser of HTTP/1.1, protocol of the backend`, and with TLS `certificate, key`. */
const [upstream, http1, protocol, certificate, key] = process.argv.slice(2)
const gateway = createGateway({
  http1: http1 as EngineOptions['http1'],
  ...(certificate === undefined ? {} : { tls: { enabled: true, port: 0, certificate, key } }),
  limits: { bodyBytes: 10_000_000_000 },
  timeouts: { queueMs: 500, backendKeepAliveMs: 500 },
  routes: [{ prefix: '/', pool: 'app' }],
  pools: [
    {
      name: 'app',
      protocol: protocol === 'http2' ? 'http2' : 'http1',
      backends: [{ id: 'app/1', host: '127.0.0.1', port: Number(upstream) }],
    },
  ],
})

process.on('message', () => {
  globalThis.gc?.()
  void gateway.stats().then((stats) => {
    const { rss, heapUsed } = process.memoryUsage()
    const openFiles = readdirSync('/proc/self/fd').length
    process.send!({ stats, residentBytes: rss, heapBytes: heapUsed, openFiles } satisfies ProcessReport)
  })
})

const { port, tls } = await gateway.listen()
process.send!({ port, tlsPort: tls?.port ?? 0 })
