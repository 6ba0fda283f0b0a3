import cluster from 'node:cluster'
import { createServer } from 'node:http'

if (cluster.isPrimary) {
  cluster.fork()
  cluster.fork()
} else {
  const server = createServer((_request, response) => response.end('ok'))
  server.listen(Number(process.env.PORT), () => process.stdout.write(`${JSON.stringify(server.address())}\n`))
  process.once('disconnect', () => process.exit(0))
}
