import { createServer } from 'node:http'
import { isMainThread, Worker } from 'node:worker_threads'

const server = createServer((_request, response) => response.end('ok'))
server.listen(0, () => {
  process.stdout.write(`${JSON.stringify(server.address())}\n`)
  if (!isMainThread) return
  // One thread that only computes, one that serves.
  for (const file of ['computing-thread.mjs', 'threads.mjs']) {
    new Worker(new URL(file, import.meta.url)).unref()
  }
})
