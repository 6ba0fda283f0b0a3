import { connect, type Socket } from 'node:net'

// One for all connections of the process: what is read is handled before the next read, and what is kept is copied.
const INCOMING = Buffer.allocUnsafeSlow(65_536)
const KEEP_ALIVE_PROBE_MS = 60_000

/** A part of what was received, to be kept: the next read overwrites the shared buffer, and no other. */
export function owned(bytes: Buffer, from: number, to: number): Buffer {
  if (bytes !== INCOMING) return bytes.subarray(from, to)
  const part = Buffer.allocUnsafe(to - from)
  bytes.copy(part, 0, from, to)
  return part
}

/** Opens a connection whose bytes go to `receive` without a stream in between. */
export function dial(host: string, port: number, receive: (bytes: Buffer, length: number) => void): Socket {
  const callback = (length: number): boolean => {
    receive(INCOMING, length)
    return true
  }
  return connect({ ...options(host, port), onread: { buffer: INCOMING, callback } })
}

/** Opens a connection that is read as a stream: it may become a tunnel. */
export const dialStream = (host: string, port: number): Socket => connect(options(host, port))

const options = (host: string, port: number) => ({
  host,
  port,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
})
