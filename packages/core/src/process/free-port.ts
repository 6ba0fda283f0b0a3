import { createServer } from 'node:net'
import { processErrors } from './errors.ts'

const ATTEMPTS = 50
const RESERVED_MS = 60_000

/** Handed out lately: the system may offer a port again before its new owner listens on it. */
const reserved = new Map<number, number>()

/** Whether nothing listens on that port now. `host` as in `listen`. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/**
 * A TCP port that was free on 127.0.0.1 a moment ago, never the same one twice within a minute in this process.
 * Another process may still take it first: whoever listens on it must be ready to ask again.
 */
export async function allocatePort(): Promise<number> {
  const now = Date.now()
  for (const [port, until] of reserved) if (until < now) reserved.delete(port)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = await ephemeralPort()
    if (reserved.has(port)) continue
    reserved.set(port, now + RESERVED_MS)
    return port
  }
  throw processErrors.NO_FREE_PORT({ attempts: ATTEMPTS })
}

function ephemeralPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
