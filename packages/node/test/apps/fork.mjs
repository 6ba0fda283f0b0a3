import { fork } from 'node:child_process'
import { createServer } from 'node:http'

const server = createServer((_request, response) => response.end('ok'))
server.listen(0, () => {
  process.stdout.write(`${JSON.stringify(server.address())}\n`)
  if (process.argv[2] !== 'child') fork(new URL(import.meta.url), ['child'])
  else process.once('disconnect', () => process.exit(0))
})
