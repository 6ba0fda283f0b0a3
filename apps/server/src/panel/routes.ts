import { readdir } from 'node:fs/promises'
import fastifyStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
import type { App } from '../http/app.ts'

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Millrace</title>
<body style="font-family:system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem;line-height:1.5">
<h1>The admin panel is not built</h1>
<p>The control plane runs, and its API answers under <code>/api</code>. To build the panel, run
<code>npm run build --workspace=@millrace/admin</code> and start again.</p></body></html>`

const HASHED_ASSET = 'public, max-age=31536000, immutable'

/** The admin panel: a single-page application, so every path below `/admin` without a file is its first page. */
export async function panelRoutes(app: App, panelDir: string): Promise<void> {
  const config = { access: 'public' as const }
  const schema = { hide: true }
  const files = new Set(await readdir(panelDir, { recursive: true }).catch(() => []))
  app.get('/', { config, schema, handler: async (_request, reply) => reply.redirect('/admin/', 302) })

  if (!files.has('index.html')) {
    const explain = async (_request: unknown, reply: FastifyReply): Promise<FastifyReply> =>
      reply.code(503).type('text/html; charset=utf-8').header('retry-after', '60').send(NOT_BUILT)
    app.get('/admin', { config, schema, handler: explain })
    app.get('/admin/*', { config, schema, handler: explain })
    return
  }

  await app.register(fastifyStatic, { root: panelDir, serve: false, cacheControl: false })
  const page = (reply: FastifyReply): FastifyReply =>
    reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false })

  app.get('/admin', { config, schema, handler: async (_request, reply) => page(reply) })
  app.get('/admin/*', {
    config,
    schema,
    handler: async (request, reply) => {
      const path = (request.params as { '*': string })['*']
      // Vite puts a hash of the content into every name below assets/, so such a file never changes.
      if (path.startsWith('assets/')) {
        return reply.header('cache-control', HASHED_ASSET).sendFile(path, { cacheControl: false })
      }
      if (path.includes('.') && files.has(path)) {
        return reply.header('cache-control', 'no-cache').sendFile(path, { cacheControl: false })
      }
      return page(reply)
    },
  })
}
