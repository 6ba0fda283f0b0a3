import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { waitFor } from '@millrace/testing'
import { expect, it, onTestFinished } from 'vitest'
import { answersHttp } from '../../src/process/index.ts'

it('leaves no connection to an address whose answer never ends', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write('data: tick\n\n'), 10)
    response.once('close', () => clearInterval(timer))
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const open = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
  expect(await answersHttp('127.0.0.1', (server.address() as AddressInfo).port, '/')).toBe(true)
  await waitFor(async () => (await open()) === 0)
})
