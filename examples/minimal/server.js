import { createServer } from 'node:http'

const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.end(`Hello from ${process.env.MILLRACE_INSTANCE ?? 'a plain Node process'}: ${request.url}\n`)
})

server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1')
process.once('SIGTERM', () => server.close())
