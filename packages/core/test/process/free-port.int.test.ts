import { createServer } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { allocatePort, isPortFree } from '../../src/process/index.ts'

describe('allocatePort', () => {
  it('never gives two callers the same port', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, allocatePort))
    expect(new Set(ports).size).toBe(50)
  })
})

describe('isPortFree', () => {
  it('tells a taken port from a free one', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    expect(await isPortFree(port)).toBe(false)
    server.close()
    await once(server, 'close')
    expect(await isPortFree(port)).toBe(true)
  })
})
