import type { ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { Exchange } from './exchange.ts'
import { isTunnel } from './tunnel.ts'

const SWEEP_MS = 100

/** What a connection carries that has several requests at the same time. */
export interface Multiplexed {
  exchanges(): Iterable<Exchange>
  /** Asks the visitor for another connection; requests that are on their way are still answered. */
  announceEnd(): void
  /** Takes no further request, and closes when those that it has are answered. May be called again. */
  end(): void
}

const multiplexed = new WeakMap<Socket, Multiplexed>()

export const setMultiplexed = (socket: Socket, content: Multiplexed): void =>
  void multiplexed.set(socket, content)

/** Undefined: one request after another. */
export const multiplexedOf = (socket: Socket): Multiplexed | undefined => multiplexed.get(socket)

/** The visitors' connections of one engine, so that it can be ended without cutting anyone off. */
export class Connections {
  readonly #servers: NetServer[]
  /** With the time that each was accepted, in milliseconds since the epoch. */
  readonly open = new Map<Socket, number>()
  #onEmpty: (() => void) | undefined

  constructor(server: NetServer) {
    this.#servers = [server]
    server.on('connection', (socket: Socket) => this.add(socket))
  }

  /** Another server that is drained too; what it accepts is told by `add`. */
  include(server: NetServer): void {
    this.#servers.push(server)
  }

  add(socket: Socket, since = Date.now()): void {
    this.open.set(socket, since)
    socket.once('close', () => {
      this.open.delete(socket)
      if (this.open.size === 0) this.#onEmpty?.()
    })
  }

  /** After a handshake: the same connection, by the socket that requests come by. */
  replace(socket: Socket, secured: Socket): void {
    const since = this.open.get(socket)
    this.open.delete(socket)
    this.add(secured, since)
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
    for (const server of this.#servers) NetServer.prototype.close.call(server)
    for (const socket of this.open.keys()) multiplexedOf(socket)?.announceEnd()
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
    // Ends the servers' own check for slow requests; they are closed already, which is the error they would report.
    for (const server of this.#servers) server.close(() => undefined)
  }

  #closeIdle(): void {
    for (const socket of this.open.keys()) {
      const content = multiplexed.get(socket)
      if (content !== undefined) content.end()
      else if (unfinishedResponse(socket) === undefined && !isTunnel(socket) && !isReceiving(socket))
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
