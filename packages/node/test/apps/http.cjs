const { createServer } = require('node:http')

const server = createServer((request, response) => {
  if (request.url === '/hang') return
  if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
    return
  }
  response.statusCode = request.url.startsWith('/missing') ? 404 : 200
  response.end('ok')
})
server.listen(process.env.PORT, () => process.stdout.write(`${JSON.stringify(server.address())}\n`))
if (process.env.HANDLE_SIGTERM !== undefined) {
  process.on('SIGTERM', () => {
    process.stdout.write('"handled"\n')
    server.close(() => process.exit(7))
    server.closeIdleConnections()
  })
}
