import type { ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { isTunnel } from './tunnel.ts'

const SWEEP_MS = 100

/** The visitors' connections of one server, so that it can be ended without cutting anyone off. */
export class Connections {
  readonly #server: NetServer
  /** With the time that each was accepted, in milliseconds since the epoch. */
  readonly open = new Map<Socket, number>()
  #onEmpty: (() => void) | undefined

  constructor(server: NetServer) {
    this.#server = server
    server.on('connection', (socket: Socket) => {
      this.open.set(socket, Date.now())
      socket.once('close', () => {
        this.open.delete(socket)
        if (this.open.size === 0) this.#onEmpty?.()
      })
    })
  }

  get size(): number {
    return this.open.size
  }

  /**
   * Stops accepting and resolves when every connection is closed: busy ones by themselves after their response, idle
   * ones after `lingerMs`, during which a request that was already on its way is still answered, and all that are
   * left after `deadlineMs`.
   */
  async drain(lingerMs: number, deadlineMs: number): Promise<void> {
    const startedAt = performance.now()
    // The close of http.Server would cut idle connections at once, and with them requests that are on their way.
    NetServer.prototype.close.call(this.#server)
    if (this.open.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve
        const sweep = setInterval(() => {
          const elapsed = performance.now() - startedAt
          if (elapsed >= deadlineMs) this.cut()
          else if (elapsed >= lingerMs) this.#closeIdle()
          if (this.open.size === 0) clearInterval(sweep)
        }, SWEEP_MS)
      })
    }
    // Ends the server's own check for slow requests; it is closed already, which is the error it would report.
    this.#server.close(() => undefined)
  }

  #closeIdle(): void {
    for (const socket of this.open.keys()) {
      if (unfinishedResponse(socket) === undefined && !isTunnel(socket) && !isReceiving(socket))
        socket.destroySoon()
    }
  }

  cut(): void {
    for (const socket of this.open.keys()) socket.destroy()
  }
}

/** The response that a visitor's connection is waiting for; of pipelined requests, that of the first. */
export const unfinishedResponse = (
  socket: Socket & { _httpMessage?: ServerResponse | null },
): ServerResponse | undefined => socket._httpMessage ?? undefined

const marks = new WeakMap<Socket, number>()

/** Whether bytes came in since the last look. */
function isReceiving(socket: Socket): boolean {
  const before = marks.get(socket)
  marks.set(socket, socket.bytesRead)
  return before !== socket.bytesRead
}
