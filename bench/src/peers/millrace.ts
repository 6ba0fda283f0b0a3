import { createGateway } from '@millrace/gateway'

// Everything that is on by default is on: metrics, trace context, forwarding headers, compression, limits, retries.
const [port, upstream] = process.argv.slice(2)
const { hostname, port: upstreamPort } = new URL(upstream!)
await createGateway({
  port: Number(port),
  routes: [{ prefix: '/', pool: 'upstream' }],
  pools: [{ name: 'upstream', backends: [{ id: 'upstream/1', host: hostname, port: Number(upstreamPort) }] }],
}).listen()
