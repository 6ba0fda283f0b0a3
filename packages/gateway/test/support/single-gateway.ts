import { createGateway } from '../../src/index.ts'

const gateway = createGateway({
  limits: { bodyBytes: 1_000_000_000 },
  routes: [{ prefix: '/', pool: 'app' }],
  pools: [{ name: 'app', backends: [{ id: 'app/1', host: '127.0.0.1', port: Number(process.argv[2]) }] }],
})
const { port } = await gateway.listen()
process.send!(port)
