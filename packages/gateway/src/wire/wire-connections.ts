import { errors, type Dispatcher } from 'undici'
import type { EngineConfig } from '../config.ts'
import type { BackendConnections } from '../pools/backend-connections.ts'
import { BackendCall } from './backend-call.ts'
import { BackendSocket } from './backend-socket.ts'
import { elapsedSince } from './sweep-clock.ts'
import type { SocketOwner, WireSettings } from './socket-owner.ts'

/** Fields of a response; its bytes are limited by the settings. */
const MAX_FIELDS = 1_000

/** Connections of HTTP/1.1 over plain TCP to one backend, each with one request at a time, kept while they are idle. */
export class WireConnections implements BackendConnections, SocketOwner {
  readonly settings: WireSettings
  readonly #authority: string
  readonly #maximum: number
  readonly #intervalMs: number
  readonly #open = new Set<BackendSocket>()
  readonly #idle: BackendSocket[] = []
  /** Each waits for a connection that is being made, or for one to become idle. */
  readonly #waiting: BackendCall[] = []
  readonly #tunnels = new Map<BackendSocket, BackendCall>()
  #sweep: NodeJS.Timeout | undefined = undefined
  #lookedAt = 0
  #connecting = 0
  #destroyed = false
  now = 0

  /** `host` without brackets; `maximum` connections. */
  constructor(host: string, port: number, maximum: number, { timeouts, limits }: EngineConfig) {
    this.#authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
    this.#maximum = maximum
    this.settings = {
      host,
      port,
      connectMs: timeouts.connectMs,
      responseMs: timeouts.responseMs,
      idleMs: timeouts.idleMs,
      keepAliveMs: timeouts.backendKeepAliveMs,
      head: { bytes: limits.responseHeaderBytes, fields: MAX_FIELDS },
    }
    const shortest = Math.min(timeouts.responseMs, timeouts.idleMs, timeouts.backendKeepAliveMs)
    this.#intervalMs = Math.max(20, Math.min(1_000, shortest / 4))
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    let call: BackendCall
    try {
      if (this.#destroyed) throw new errors.ClientDestroyedError()
      call = new BackendCall(options, handler, this.#authority)
    } catch (error) {
      // As undici does, where no request was made of it.
      handler.onResponseError?.(undefined as unknown as Dispatcher.DispatchController, error as Error)
      return false
    }
    const idle = call.upgrade ? undefined : this.#takeIdle()
    if (idle !== undefined) {
      if (!idle.send(call)) this.idle(idle)
      return true
    }
    if (call.upgrade) this.#tunnels.set(this.#connect(true), call)
    else {
      this.#waiting.push(call)
      if (this.#connecting < this.#waiting.length && this.#open.size < this.#maximum) this.#connect(false)
    }
    return this.#open.size < this.#maximum
  }

  #takeIdle(): BackendSocket | undefined {
    if (this.#idle.length === 0) return undefined
    const now = performance.now()
    // The one used last is the one most likely to be open still.
    for (let socket = this.#idle.pop(); socket !== undefined; socket = this.#idle.pop()) {
      if (socket.usable(now)) return socket
      socket.destroy(new errors.SocketError('kept for too long'))
    }
    return undefined
  }

  #connect(tunnel: boolean): BackendSocket {
    if (this.#sweep === undefined) {
      this.#lookedAt = performance.now()
      this.#sweep = setInterval(() => this.#look(), this.#intervalMs)
      this.#sweep.unref()
    }
    const socket = new BackendSocket(this, tunnel)
    this.#open.add(socket)
    if (!tunnel) this.#connecting++
    return socket
  }

  #look(): void {
    const now = performance.now()
    this.now += elapsedSince(this.#lookedAt, now, this.#intervalMs)
    this.#lookedAt = now
    for (const socket of this.#open) socket.check(now, this.#intervalMs)
  }

  connected(socket: BackendSocket): void {
    const tunnelled = this.#tunnels.get(socket)
    if (tunnelled !== undefined) {
      this.#tunnels.delete(socket)
      if (!socket.send(tunnelled)) socket.destroy(new errors.SocketError('nobody waits for it'))
      return
    }
    this.#connecting--
    this.idle(socket)
  }

  idle(socket: BackendSocket): void {
    for (let call = this.#waiting.shift(); call !== undefined; call = this.#waiting.shift())
      if (socket.send(call)) return
    this.#idle.push(socket)
  }

  closed(socket: BackendSocket, error: Error | undefined): void {
    this.#open.delete(socket)
    const at = this.#idle.indexOf(socket)
    if (at !== -1) this.#idle.splice(at, 1)
    const tunnelled = this.#tunnels.get(socket)
    if (tunnelled !== undefined) {
      this.#tunnels.delete(socket)
      tunnelled.fail(error!)
    } else if (socket.connecting) {
      this.#connecting--
      // As many requests fail as connections: others may still be made.
      this.#waiting.shift()?.fail(error!)
    }
    if (this.#waiting.length > this.#connecting && !this.#destroyed && this.#open.size < this.#maximum)
      this.#connect(false)
    if (this.#open.size === 0 && this.#sweep !== undefined) {
      clearInterval(this.#sweep)
      this.#sweep = undefined
    }
  }

  async destroy(): Promise<void> {
    this.#destroyed = true
    const error = new errors.ClientDestroyedError()
    for (const call of this.#waiting.splice(0)) call.fail(error)
    for (const socket of this.#open) socket.destroy(error)
  }
}
