import { createHttpCache } from '@millrace/cache/http-cache'
import { silentLogger } from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import { createGateway } from '@millrace/gateway'

// Everything that is on by default is on, as in a worker that the supervisor starts; the cache is in memory.
const [port, upstream] = process.argv.slice(2)
const { hostname, port: upstreamPort } = new URL(upstream!)
const registry = new MetricRegistry()
const httpCache = await createHttpCache({}, { instance: 'gateway/1', logger: silentLogger, registry })
await createGateway({
  port: Number(port),
  registry,
  httpCache,
  routes: [{ prefix: '/', pool: 'upstream' }],
  pools: [{ name: 'upstream', backends: [{ id: 'upstream/1', host: hostname, port: Number(upstreamPort) }] }],
}).listen()
