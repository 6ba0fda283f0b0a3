import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

const { KEY, CERTIFICATE, PORT } = process.env
const server = createServer(
  { key: readFileSync(KEY), cert: readFileSync(CERTIFICATE) },
  (_request, response) => {
    response.end('ok')
  },
)
server.listen(PORT, () => process.stdout.write(`${JSON.stringify(server.address())}\n`))
