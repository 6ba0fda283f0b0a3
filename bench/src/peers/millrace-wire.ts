import { createGateway } from '@millrace/gateway'

// As `millrace.ts`, with the gateway's own parser of HTTP/1.1 in place of node:http and undici.
const [port, upstream] = process.argv.slice(2)
const { hostname, port: upstreamPort } = new URL(upstream!)
await createGateway({
  port: Number(port),
  http1: 'strict',
  routes: [{ prefix: '/', pool: 'upstream' }],
  pools: [{ name: 'upstream', backends: [{ id: 'upstream/1', host: hostname, port: Number(upstreamPort) }] }],
}).listen()
