import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { delayedPipe, type Conditions } from './delayed-pipe.ts'

export interface ChaosProxy extends AsyncDisposable {
  /** On 127.0.0.1. */
  port: number
  /** Open connections. */
  readonly connections: number
  /** Accepted since the start. */
  readonly accepted: number
  /** Delays every chunk in both directions. 0: none. */
  latency(ms: number): void
  /** Per connection and direction. Infinity: no limit. */
  bandwidth(bytesPerSecond: number): void
  /** Connections stay open and new ones are accepted, but no byte passes until it is switched off. */
  blackhole(on: boolean): void
  /** While on, a new connection is reset as soon as it is accepted. */
  refuse(on: boolean): void
  /** Sends a TCP reset on every open connection, to both sides. */
  reset(): void
  /** Everything back to normal. */
  restore(): void
  close(): Promise<void>
}

export interface ChaosProxyOptions {
  /** Where connections go. Default host: 127.0.0.1. */
  target: number | { host?: string; port: number }
  /** To listen on. Default: a free one. */
  port?: number
}

/** A TCP proxy on loopback that behaves as badly as told. */
export async function chaosProxy(options: ChaosProxyOptions): Promise<ChaosProxy> {
  const target = typeof options.target === 'number' ? { port: options.target } : options.target
  const conditions: Conditions = { latencyMs: 0, bytesPerSecond: Infinity, blackhole: false }
  const pairs = new Set<{ sockets: Socket[]; wake: () => void }>()
  let refusing = false
  let accepted = 0

  // With half-open sockets an end travels through the delay like any byte.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    accepted++
    if (refusing) {
      client.on('error', ignore)
      client.resetAndDestroy()
      return
    }
    const upstream = connect({ host: target.host ?? '127.0.0.1', port: target.port, allowHalfOpen: true })
    const pumps = [delayedPipe(client, upstream, conditions), delayedPipe(upstream, client, conditions)]
    const pair = { sockets: [client, upstream], wake: () => pumps.forEach((pump) => pump()) }
    pairs.add(pair)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.setNoDelay(true)
      socket.on('error', () => other.resetAndDestroy())
      socket.on('close', () => pairs.delete(pair))
    }
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')

  const wake = (): void => pairs.forEach((pair) => pair.wake())
  const proxy: ChaosProxy = {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return pairs.size
    },
    get accepted() {
      return accepted
    },
    latency: (ms) => {
      conditions.latencyMs = ms
      wake()
    },
    bandwidth: (bytesPerSecond) => {
      conditions.bytesPerSecond = bytesPerSecond
      wake()
    },
    blackhole: (on) => {
      conditions.blackhole = on
      wake()
    },
    refuse: (on) => void (refusing = on),
    reset: () => pairs.forEach(({ sockets }) => sockets.forEach((socket) => socket.resetAndDestroy())),
    restore: () => {
      refusing = false
      Object.assign(conditions, { latencyMs: 0, bytesPerSecond: Infinity, blackhole: false })
      wake()
    },
    close: async () => {
      if (!server.listening) return
      server.close()
      for (const { sockets } of pairs) for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
    [Symbol.asyncDispose]: () => proxy.close(),
  }
  return proxy
}

const ignore = (): void => undefined
