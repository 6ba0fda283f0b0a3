import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Exchange } from './exchange.ts'
import { forwardResponseHeaders } from './response-headers.ts'

/** After one side has ended, the other has this long to end too. */
const HALF_CLOSED_MS = 30_000

const tunnels = new WeakSet<Socket>()

/** Whether a visitor's connection has become a tunnel, which is never idle in the sense of HTTP. */
export const isTunnel = (socket: Socket): boolean => tunnels.has(socket)

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
  tunnels.add(visitor)
  const { raw } = forwardResponseHeaders(received, {
    method: exchange.method,
    status,
    acceptEncoding: undefined,
    trailers: false,
    compression: { ...context.config.compression, enabled: false },
    via: context.policy.via,
  })
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
