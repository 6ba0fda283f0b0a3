import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import handleConfig from 'http-cache-tests/server/handle-config.mjs'
import handleState from 'http-cache-tests/server/handle-state.mjs'
import handleTest from 'http-cache-tests/server/handle-test.mjs'

const HANDLERS: Record<string, typeof handleTest> = {
  config: handleConfig,
  state: handleState,
  test: handleTest,
}

/** The origin of http-cache-tests, on this machine only: its own program listens on every address. */
export async function startOrigin(): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const [, what = '', ...segments] = new URL(request.url ?? '/', 'http://origin').pathname.split('/')
    const handle = HANDLERS[what]
    if (handle === undefined) response.writeHead(404).end()
    else handle(segments, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
