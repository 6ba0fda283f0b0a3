import { createServer } from 'node:http'
import { FILES } from './upstream.ts'

const [port, cacheControl] = process.argv.slice(2)
const caching = cacheControl === 'none' ? [] : ['cache-control', cacheControl!]
const bodies = new Map(Object.entries(FILES).map(([path, bytes]) => [path, Buffer.alloc(bytes, 'x')]))
createServer((req, res) => {
  const body = bodies.get(req.url!)
  if (body === undefined) res.writeHead(404).end()
  else
    res
      .writeHead(200, ['content-type', 'text/plain', 'content-length', String(body.length), ...caching])
      .end(body)
}).listen(Number(port), '127.0.0.1')
