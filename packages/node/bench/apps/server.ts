import express from 'express'
import { fastify, type FastifyRequest } from 'fastify'
import type { Histogram } from 'prom-client'

// server.ts <port> <express|fastify> [prom-client]
const [, , port, framework, instrumentation] = process.argv
const prometheus = instrumentation === 'prom-client' ? await promClient() : undefined

/** The way its README and most articles do it: default metrics, and a histogram observed at the end of a response. */
async function promClient(): Promise<Histogram<'method' | 'route' | 'status'>> {
  const prometheus = await import('prom-client')
  prometheus.collectDefaultMetrics()
  const histogram = new prometheus.Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of requests',
    labelNames: ['method', 'route', 'status'] as const,
  })
  // A scrape every five seconds, as a Prometheus server would.
  setInterval(() => void prometheus.register.metrics(), 5_000).unref()
  return histogram
}

type Timed = FastifyRequest & { endTimer: ((labels: { route: string; status: number }) => void) | null }

const answer = (id: string): object => ({ id, title: 'A product', price: 12.5, tags: ['one', 'two'] })

if (framework === 'express') {
  const app = express()
  if (prometheus !== undefined) {
    app.use((request, response, next) => {
      const end = prometheus.startTimer({ method: request.method })
      response.on('finish', () =>
        end({
          route: (request.route as { path?: string })?.path ?? 'unmatched',
          status: response.statusCode,
        }),
      )
      next()
    })
  }
  app.get('/products/:id', (request, response) => response.json(answer(request.params.id)))
  app.listen(Number(port), '127.0.0.1')
} else {
  const app = fastify()
  if (prometheus !== undefined) {
    app.decorateRequest('endTimer', null)
    app.addHook('onRequest', async (request) => {
      const timed = request as Timed
      timed.endTimer = prometheus.startTimer({ method: request.method })
    })
    app.addHook('onResponse', async (request, reply) => {
      const { endTimer } = request as Timed
      endTimer?.({ route: request.routeOptions.url ?? 'unmatched', status: reply.statusCode })
    })
  }
  app.get('/products/:id', async (request) => answer((request.params as { id: string }).id))
  await app.listen({ port: Number(port), host: '127.0.0.1' })
}
