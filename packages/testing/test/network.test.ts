import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chaosProxy, waitFor, type ChaosProxy } from '../src/index.ts'

let echo: Server
let proxy: ChaosProxy
const clients: Socket[] = []

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  proxy = await chaosProxy({ target: (echo.address() as AddressInfo).port })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await proxy.close()
  echo.close()
})

async function open(): Promise<{ socket: Socket; text: () => string; error: () => string | undefined }> {
  const socket = connect(proxy.port, '127.0.0.1')
  clients.push(socket)
  let text = ''
  let error: string | undefined
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  socket.on('error', (reason) => {
    error = (reason as NodeJS.ErrnoException).code
  })
  await once(socket, 'connect').catch(() => undefined)
  return { socket, text: () => text, error: () => error }
}

describe('chaosProxy', () => {
  it('passes bytes and the end of a stream both ways', async () => {
    const { socket, text } = await open()
    socket.end('x'.repeat(300_000))
    await once(socket, 'end')
    expect(text()).toHaveLength(300_000)
    await waitFor(() => proxy.connections === 0)
  })

  it('delays by the latency, in each direction', async () => {
    proxy.latency(40)
    const { socket, text } = await open()
    const start = performance.now()
    socket.write('hello')
    await waitFor(() => text() === 'hello', { intervalMs: 1 })
    expect(performance.now() - start).toBeGreaterThanOrEqual(79)
  })

  it('limits the bandwidth', async () => {
    proxy.bandwidth(1_000_000)
    const { socket, text } = await open()
    const start = performance.now()
    socket.write('x'.repeat(100_000))
    await waitFor(() => text().length === 100_000, { intervalMs: 1 })
    expect(performance.now() - start).toBeGreaterThanOrEqual(75)
  })

  it('holds everything back in a black hole and delivers it afterwards', async () => {
    const { socket, text } = await open()
    proxy.blackhole(true)
    const late = await open()
    socket.write('one')
    late.socket.write('two')
    await waitFor(() => proxy.accepted === 2)
    expect(text() + late.text()).toBe('')
    proxy.restore()
    await waitFor(() => text() === 'one' && late.text() === 'two')
  })

  it('resets open connections, and refuses new ones while told to', async () => {
    const first = await open()
    first.socket.write('x')
    await waitFor(() => first.text() === 'x')
    proxy.reset()
    await waitFor(() => first.error() === 'ECONNRESET')
    proxy.refuse(true)
    const second = await open()
    await waitFor(() => second.socket.destroyed)
    proxy.restore()
    const third = await open()
    third.socket.write('y')
    expect(await waitFor(() => third.text())).toBe('y')
  })

  it('ends a connection whose target is gone', async () => {
    echo.close()
    const { socket } = await open()
    expect(await waitFor(() => socket.destroyed)).toBe(true)
  })
})

describe('waitFor', () => {
  it('returns the first truthy value', async () => {
    let n = 0
    expect(await waitFor(() => (n++ < 3 ? undefined : 'done'), { intervalMs: 1 })).toBe('done')
  })

  it('says what was not met, with the last error', async () => {
    const never = waitFor(
      () => {
        throw new Error('not there')
      },
      { deadlineMs: 20, intervalMs: 5, what: 'the server' },
    )
    await expect(never).rejects.toThrow('the server was not met within 20 ms: not there')
  })
})
