import { existsSync } from 'node:fs'
import { createServer } from 'node:http'

/** Any application, which fails while a file says so and ends what it has in hand before it goes. */
const broken = process.env.BROKEN_FILE
let failing = false
setInterval(() => (failing = existsSync(broken)), 100).unref()

const body = Buffer.alloc(1_000, 'x')
const server = createServer((request, response) => {
  if (failing) {
    response.writeHead(500).end('broken')
    return
  }
  setTimeout(() => response.writeHead(200, { 'cache-control': 'no-store' }).end(body), 2)
})
server.listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => server.close(() => process.exit(0)))
