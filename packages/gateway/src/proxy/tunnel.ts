import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Exchange } from './exchange.ts'
import { forwardResponseHeaders } from './response-headers.ts'
import { addOwn } from './response-writer.ts'

/** After one side has ended, the other has this long to end too. */
const HALF_CLOSED_MS = 30_000

/** Bytes that a visitor may send before the backend has agreed to anything. */
const MAX_EARLY_BYTES = 131_072

const tunnels = new WeakMap<Socket, Exchange>()
/** What hands a waiting visitor's connection over to its tunnel. */
const waiting = new WeakMap<Socket, () => void>()

/** Whether a visitor's connection has become a tunnel, which is never idle in the sense of HTTP. */
export const isTunnel = (socket: Socket): boolean => tunnels.has(socket)

/** The exchange that a visitor's connection has become a tunnel of. */
export const tunnelOf = (socket: Socket): Exchange | undefined => tunnels.get(socket)

/**
 * Reads from a visitor who has asked for an upgrade until the backend answers: otherwise nobody would see that the
 * visitor has left, and the place at the backend would stay taken. What arrives is kept for the tunnel.
 */
export function awaitTunnel(visitor: Socket, head: Buffer): void {
  const chunks = [head]
  let bytes = head.length
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MAX_EARLY_BYTES) visitor.destroy()
  }
  const onEnd = (): void => void visitor.destroy()
  visitor.on('data', onData)
  visitor.on('end', onEnd)
  waiting.set(visitor, () => {
    visitor.off('data', onData)
    visitor.off('end', onEnd)
    visitor.pause()
    if (bytes > 0) visitor.unshift(Buffer.concat(chunks))
  })
}

/**
 * Joins the visitor's and the backend's socket after a 101. Each direction ends by itself (half-close); an error or a
 * reset of one side cuts the other. `closed` is called once, when both are gone.
 */
export function openTunnel(
  exchange: Exchange,
  upstream: Duplex,
  status: number,
  received: Buffer[],
  closed: () => void,
): void {
  const { req, res, context } = exchange
  const visitor = req.socket
  const backend = upstream as Socket
  res.detachSocket(visitor)
  waiting.get(visitor)?.()
  tunnels.set(visitor, exchange)
  const { raw } = forwardResponseHeaders(received, {
    method: exchange.method,
    status,
    acceptEncoding: undefined,
    trailers: false,
    compression: { ...context.config.compression, enabled: false },
    via: context.policy.via,
  })
  addOwn(raw, exchange)
  let head = `HTTP/1.1 ${status} Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`
  for (let i = 0; i < raw.length; i += 2) head += `${raw[i]}: ${raw[i + 1]}\r\n`
  visitor.write(`${head}\r\n`, 'latin1')

  backend.allowHalfOpen = true
  let open = 2
  const join = (from: Socket, to: Socket): void => {
    from.setTimeout(context.config.timeouts.tunnelIdleMs)
    from.setNoDelay(true)
    from.on('timeout', () => {
      from.destroy()
      to.destroy()
    })
    from.on('end', () => {
      from.setTimeout(HALF_CLOSED_MS)
      to.setTimeout(HALF_CLOSED_MS)
    })
    from.on('error', () => to.destroy())
    from.on('close', () => {
      // Both of its directions are over: what was written to the other side may still leave, then that closes too.
      to.destroySoon()
      if (--open === 0) closed()
    })
    from.pipe(to)
  }
  join(visitor, backend)
  join(backend, visitor)
}
