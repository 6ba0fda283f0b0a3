import { createServer } from 'node:http'

/** Backends of one application: the first answers after 300 ms, the others at once. `port further,ports`. */
const SLOW_MS = 300
const [port, others] = process.argv.slice(2)
const ports = [port, ...others!.split(',')].map(Number)
// The first last: whoever waits for it finds all of them.
for (const [index, each] of [...ports.entries()].reverse()) {
  const server = createServer((_req, res) => {
    if (index === 0) setTimeout(() => res.end('slow'), SLOW_MS)
    else res.end('fast')
  })
  // Longer than any pause of the benchmark.
  server.keepAliveTimeout = 60_000
  server.listen(each, '127.0.0.1')
}
