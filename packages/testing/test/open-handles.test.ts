import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { waitFor, watchHandles } from '../src/index.ts'

describe('watchHandles', () => {
  it('names what was left open and where, until it is closed', async () => {
    const watch = watchHandles()
    const { timer, server } = await watch.run(async () => {
      await Promise.resolve()
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return { timer: setInterval(() => undefined, 60_000), server }
    })
    expect(watch.left()).toEqual([
      expect.stringMatching(/^TCPSERVERWRAP made at .*node:net/),
      expect.stringMatching(/^Timeout made at .*open-handles\.test\.ts/),
    ])
    clearInterval(timer)
    server.close()
    await waitFor(() => watch.left().length === 0)
    watch.stop()
  })

  it('does not count what others open, nor what does not keep the process alive', () => {
    const watch = watchHandles()
    const other = setInterval(() => undefined, 60_000)
    const unref = watch.run(() => setInterval(() => undefined, 60_000).unref())
    expect(watch.left()).toEqual([])
    clearInterval(other)
    clearInterval(unref)
    watch.stop()
  })
})
