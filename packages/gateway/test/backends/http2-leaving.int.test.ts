import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { Fixture } from '../../src/testing/index.ts'
import { http2Pool } from '../../src/testing/suites/http2-backends.ts'
import { END_HEADERS, END_STREAM, frame, HEADERS, speakFrames, STATUS_200 } from '../support/http2-frames.ts'

it('a connection that is over is closed, also where the backend does not close it', async () => {
  const fixture = new Fixture(createGateway)
  try {
    const open = new Set<Socket>()
    // Half-open: the end that the gateway sends is not answered with one.
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
      speakFrames(socket, ({ type, stream }, send) => {
        if (type === HEADERS) send(frame(HEADERS, END_HEADERS | END_STREAM, stream, STATUS_200))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    fixture.cleanup(() => {
      for (const socket of open) socket.destroy()
      server.close()
    })
    const timeouts = { backendKeepAliveMs: 200, connectMs: 300 }
    await fixture.start(http2Pool((server.address() as AddressInfo).port), { timeouts })
    expect((await fixture.ask('/')).status).toBe(200)
    const [first] = open
    let ended = false
    first!.on('end', () => (ended = true))
    await expect.poll(() => ended, { timeout: 5_000 }).toBe(true)
    // A write to a connection that is closed is answered with a reset.
    const beat = setInterval(() => first!.write(frame(6, 0, 0, Buffer.alloc(8))), 50)
    await expect
      .poll(() => open.size, { timeout: 5_000 })
      .toBe(0)
      .finally(() => clearInterval(beat))
    expect((await fixture.ask('/')).status).toBe(200)
  } finally {
    await fixture.close()
  }
})
