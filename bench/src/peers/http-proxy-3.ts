import { Agent, createServer } from 'node:http'
import { createProxyServer } from 'http-proxy-3'

const [port, upstream] = process.argv.slice(2)
const proxy = createProxyServer({
  target: upstream!,
  agent: new Agent({ keepAlive: true, maxSockets: 1_000 }),
  xfwd: true,
})
proxy.on('error', (_error, _req, res) => {
  if ('writeHead' in res) res.writeHead(502)
  res.end()
})
createServer((req, res) => proxy.web(req, res)).listen(Number(port), '127.0.0.1')
