import { createHaproxyGateway } from '@millrace/gateway'

// Everything that is on by default is on, as with the other engine; one thread, as the peer has.
const [port, upstream] = process.argv.slice(2)
const { hostname, port: upstreamPort } = new URL(upstream!)
const gateway = createHaproxyGateway({
  port: Number(port),
  threads: 1,
  routes: [{ prefix: '/', pool: 'upstream' }],
  pools: [{ name: 'upstream', backends: [{ id: 'upstream/1', host: hostname, port: Number(upstreamPort) }] }],
})
await gateway.listen()
process.once('SIGTERM', () => void gateway.close({ deadlineMs: 0 }).then(() => process.exit(0)))
