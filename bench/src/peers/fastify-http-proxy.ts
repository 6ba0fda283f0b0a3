import proxy from '@fastify/http-proxy'
import fastify from 'fastify'

const [port, upstream] = process.argv.slice(2)
const app = fastify({ logger: false })
await app.register(proxy, { upstream: upstream!, undici: { connections: 1_000, pipelining: 1 } })
await app.listen({ port: Number(port), host: '127.0.0.1' })
