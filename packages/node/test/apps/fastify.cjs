const { fastify } = require('fastify')

async function main() {
  const app = fastify()
  app.addHook('preHandler', async (request, reply) => {
    if (request.headers['x-refuse'] !== undefined) await reply.code(401).send()
  })
  await app.register(async (shop) => shop.get('/orders/:order', async () => ({})), { prefix: '/shops/:shop' })
  app.get('/', async () => 'home')
  app.get('/products/:id', async (request) => request.params)
  await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
  process.stdout.write(`${JSON.stringify(app.server.address())}\n`)
}

void main()
