import { Cluster, Redis } from 'ioredis'
import { systemClock, type Clock } from '../clock/clock.ts'
import { settlesWithin } from '../lifecycle/deadline.ts'
import type { Logger } from '../logger/logger.ts'
import { keepAlive } from '../process/keep-alive.ts'
import { redisErrors } from './errors.ts'
import {
  clusterEndpoints,
  clusterOptions,
  describeAddress,
  singleOptions,
  type ConnectionUse,
} from './options.ts'
import { redisTopology, type RedisSettings, type RedisTopology } from './settings.ts'
import { ConnectionLog } from './connection-log.ts'
import { watchTopology } from './topology.ts'

export interface ConnectRedisOptions extends ConnectionUse {
  logger: Logger
  clock?: Clock
}

/** A connection that is kept: it comes back by itself until it is closed. */
export interface RedisConnection {
  readonly topology: RedisTopology
  /** Where, without credentials; for messages. */
  readonly address: string
  /** The client of ioredis. Commands reject at once while there is no connection, and none is sent twice. */
  readonly client: Redis | Cluster
  /** Whether commands can be sent now. */
  readonly ready: boolean
  /**
   * Resolves when the first attempt is over: true, commands can be sent; false, nothing could be reached and it goes on
   * trying. Rejects with REDIS_REFUSED when a server was reached and the settings are wrong.
   */
  opened(): Promise<boolean>
  /** Called on every change of `ready`; returns how to end it. */
  onReady(listener: (ready: boolean) => void): () => void
  /** The servers that hold data; one, except in a Cluster. */
  masters(): Redis[]
  /** Another connection with the same settings; for blocking commands, which would hold up all others. */
  duplicate(use: ConnectionUse): RedisConnection
  /** Commands under way reject. Ends within about a second, whatever the server does. */
  close(): Promise<void>
}

/** Longer than ioredis waits for a socket to end before it destroys it. */
const CLOSE_MS = 1_000

/**
 * Opens a connection to a single server, to the master that Sentinels name, or to a Cluster, and keeps it: it is made
 * anew with growing delays (at most 2 s) when it is lost, when a server hangs and when the master changes. Returns at
 * once; see `opened`.
 * @throws REDIS_NOT_CONFIGURED
 */
export function connectRedis(settings: RedisSettings, options: ConnectRedisOptions): RedisConnection {
  const topology = redisTopology(settings)
  if (topology === undefined) throw redisErrors.NOT_CONFIGURED({})
  const { logger, clock = systemClock, ...use } = options
  const address = describeAddress(settings, topology)
  const log = new ConnectionLog(logger.child({ redis: address, purpose: use.purpose }), clock)
  const client =
    topology === 'cluster'
      ? new Cluster(clusterEndpoints(settings), clusterOptions(settings, use))
      : new Redis(singleOptions(settings, use))
  const listeners = new Set<(ready: boolean) => void>()
  let ready = false
  const change = (now: boolean): void => {
    if (now === ready) return
    ready = now
    log.changed(now)
    for (const listener of listeners) listener(now)
  }
  // Without a listener an error event would end the process.
  client.on('error', (error: Error) => log.failed(error))
  client.on('node error', (error: Error) => log.failed(error))
  client.on('ready', () => change(client.status === 'ready'))
  client.on('close', () => change(false))
  client.on('end', () => change(false))
  const unwatch = client instanceof Cluster ? watchTopology(client, clock) : () => undefined
  const first = open(client, settings.connectTimeoutMs, clock)
  // Whoever does not ask must not be ended by it.
  first.catch(() => undefined)
  return {
    topology,
    address,
    client,
    get ready() {
      return ready
    },
    opened: async () => {
      try {
        return await first
      } catch (error) {
        throw redisErrors.REFUSED({ address, reason: (error as Error).message })
      }
    },
    onReady: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    masters: () => (client instanceof Cluster ? client.nodes('master') : [client]),
    duplicate: (other) => connectRedis(settings, { logger, clock, ...other }),
    close: async () => {
      unwatch()
      listeners.clear()
      await keepAlive(end(client, clock))
      change(false)
    },
  }
}

async function end(client: Redis | Cluster, clock: Clock): Promise<void> {
  // Between two attempts there is no socket to end, and no event follows.
  const idle = client.status === 'end' || client.status === 'reconnecting'
  const servers = client instanceof Cluster ? client.nodes().length : 1
  const ended = new Promise<void>((resolve) => void client.once('end', () => resolve()))
  client.disconnect()
  if (!idle && servers > 0) await settlesWithin(ended, CLOSE_MS, clock)
}

/** What no retry can change: the settings are wrong. */
const WRONG =
  /^(WRONGPASS|NOAUTH|NOPERM|ERR (invalid password|AUTH|DB index|invalid DB|SELECT))|cluster support disabled/

async function open(client: Redis | Cluster, limitMs: number, clock: Clock): Promise<boolean> {
  let refused: Error | undefined
  const heed = (error: Error): void => {
    const last = (error as { lastNodeError?: Error }).lastNodeError ?? error
    if (WRONG.test(last.message)) refused = last
  }
  client.on('error', heed)
  client.on('node error', heed)
  const connected = client.connect().then(() => connectMasters(client))
  try {
    await settlesWithin(connected, limitMs, clock)
  } finally {
    client.off('error', heed)
    client.off('node error', heed)
  }
  // One server of a Cluster may be wrong while the others serve. A single one that refuses the database would be used
  // with another one.
  if (refused !== undefined && (client.status !== 'ready' || client instanceof Redis)) {
    client.disconnect()
    throw new Error(refused.message)
  }
  // Its reason was an error event.
  connected.catch(() => undefined)
  return client.status === 'ready'
}

/** A Cluster connects to each server at its first command, and commands meanwhile would reject. */
async function connectMasters(client: Redis | Cluster): Promise<void> {
  if (!(client instanceof Cluster)) return
  await Promise.allSettled(client.nodes('master').map(connectNode))
}

async function connectNode(node: Redis): Promise<void> {
  if (node.status === 'ready') return
  if (node.status === 'wait') return node.connect()
  await new Promise<void>((resolve) => {
    node.once('ready', () => resolve())
    node.once('end', () => resolve())
  })
}
