import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/** Values of the label `reason`. */
export type HandshakeFailure =
  'timeout' | 'closed' | 'not_tls' | 'version' | 'cipher' | 'protocol' | 'refused' | 'crowded' | 'other'

const REASONS: readonly (readonly [RegExp, HandshakeFailure])[] = [
  [/HANDSHAKE_TIMEOUT/, 'timeout'],
  [/ECONNRESET|EPIPE/, 'closed'],
  [/HTTP_REQUEST|HTTPS_PROXY|WRONG_VERSION_NUMBER|PACKET_LENGTH|RECORD_LENGTH|UNKNOWN_PROTOCOL/, 'not_tls'],
  [/UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|PROTOCOL_VERSION|INAPPROPRIATE_FALLBACK/, 'version'],
  [/NO_SHARED_CIPHER|NO_SUITABLE|NO_SHARED_GROUP/, 'cipher'],
  [/APPLICATION_PROTOCOL/, 'protocol'],
  // The visitor does not want the certificate.
  [/ALERT/, 'refused'],
]

export function handshakeFailure({ code = '' }: { code?: string }): HandshakeFailure {
  return REASONS.find(([pattern]) => pattern.test(code))?.[1] ?? 'other'
}

/** Both sockets of a connection, the one for its bytes and the one for what is in them, have the same other end. */
const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

/** Handshakes in progress. When there are too many the oldest is ended: those of visitors take milliseconds. */
export class Handshakes {
  readonly #limit: number
  readonly #crowded: () => void
  readonly #pending = new Map<string, Socket>()

  constructor(limit: number, crowded: () => void) {
    this.#limit = limit
    this.#crowded = crowded
  }

  get size(): number {
    return this.#pending.size
  }

  begin(socket: Socket): void {
    if (this.#pending.size >= this.#limit) {
      const [key, oldest] = this.#pending.entries().next().value!
      this.#pending.delete(key)
      this.#crowded()
      oldest.destroy()
    }
    const key = keyOf(socket)
    this.#pending.set(key, socket)
    socket.once('close', () => {
      if (this.#pending.get(key) === socket) this.#pending.delete(key)
    })
  }

  /** The connection that carries `secured`; undefined when it was ended meanwhile. */
  complete(secured: TLSSocket): Socket | undefined {
    const key = keyOf(secured)
    const socket = this.#pending.get(key)
    this.#pending.delete(key)
    return socket
  }
}
