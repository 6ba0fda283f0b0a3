import express from 'express'
import { fastify } from 'fastify'

// server.mjs <port> <express|fastify> [prom-client]
const [, , port, framework, instrumentation] = process.argv
const prometheus = instrumentation === 'prom-client' ? await promClient() : undefined

/** The way its README and most articles do it: default metrics, and a histogram observed at the end of a response. */
async function promClient() {
  const { collectDefaultMetrics, Histogram, register } = await import('prom-client')
  collectDefaultMetrics()
  const histogram = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of requests',
    labelNames: ['method', 'route', 'status'],
  })
  // A scrape every five seconds, as a Prometheus server would.
  setInterval(() => void register.metrics(), 5_000).unref()
  return histogram
}

const answer = (id) => ({ id, title: 'A product', price: 12.5, tags: ['one', 'two'] })

if (framework === 'express') {
  const app = express()
  if (prometheus !== undefined) {
    app.use((request, response, next) => {
      const end = prometheus.startTimer({ method: request.method })
      response.on('finish', () =>
        end({ route: request.route?.path ?? 'unmatched', status: response.statusCode }),
      )
      next()
    })
  }
  app.get('/products/:id', (request, response) => response.json(answer(request.params.id)))
  app.listen(Number(port), '127.0.0.1')
} else {
  const app = fastify()
  if (prometheus !== undefined) {
    app.addHook('onRequest', async (request) => {
      request.endTimer = prometheus.startTimer({ method: request.method })
    })
    app.addHook('onResponse', async (request, reply) => {
      request.endTimer({ route: request.routeOptions.url, status: reply.statusCode })
    })
  }
  app.get('/products/:id', async (request) => answer(request.params.id))
  await app.listen({ port: Number(port), host: '127.0.0.1' })
}
