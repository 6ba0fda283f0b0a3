import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'
import type { z } from 'zod'
import { systemClock, type Clock } from '../clock/clock.ts'
import { settlesWithin } from '../lifecycle/deadline.ts'
import type { Logger } from '../logger/logger.ts'
import type { EventBus } from './bus.ts'
import { createDelivery } from './delivery.ts'
import { decodeMessage, encodeMessage, SHARED_EVENTS, type EventMessage } from './messages.ts'

export interface RedisEventBusOptions {
  /** Makes a connection that looks for its server until it is ended, and fails commands meanwhile. Called twice. */
  connect: (purpose: string) => Redis | Cluster | Promise<Redis | Cluster>
  logger: Logger
  /** Default `millrace:events`. Everybody on it hears each other. */
  channel?: string
  /** Further events that leave the process, beside `SHARED_EVENTS`, and what they have to look like when they arrive. */
  schemas?: Readonly<Record<string, z.ZodType>>
  clock?: Clock
}

export interface SharedEventBus extends EventBus {
  /** Whether other processes are heard at present. */
  readonly connected: boolean
  /** Begins to hear and to be heard. Never rejects because the server is away: it is looked for from then on. */
  connect(): Promise<void>
  close(): Promise<void>
}

/** Publications under way; an event beyond them stays in its process. */
const MAX_PENDING = 1_000
const MAX_MESSAGE_CHARACTERS = 1_048_576
const HEARTBEAT_MS = 15_000
const HEARTBEAT_TIMEOUT_MS = 5_000

const LOCAL = { remote: false }
const REMOTE = { remote: true }

/**
 * The event bus of several processes, over Redis publish/subscribe. Listeners of this process are served as by the
 * in-process bus, whatever Redis does. Others hear an event at most once: what was said while they, or this process, were
 * away from the server is not repeated, so it is for news, and not for what must not be missed.
 *
 * What a listener emits because of a remote event stays in its process: the others heard the same event, and two that
 * answer one another would never stop.
 */
export function createRedisEventBus(options: RedisEventBusOptions): SharedEventBus {
  const { logger, channel = 'millrace:events', clock = systemClock } = options
  const schemas: Readonly<Record<string, z.ZodType>> = { ...SHARED_EVENTS, ...options.schemas }
  const origin = randomUUID()
  const listeners = createDelivery(logger)
  const answering = new AsyncLocalStorage<true>()
  let publisher: Redis | Cluster | undefined
  let subscriber: Redis | Cluster | undefined
  let stopHeartbeat = (): void => undefined
  let subscribed = false
  let pending = 0
  let unheard = false

  const notHeard = (error: unknown): void => {
    // An outage concerns every event: the first one is enough.
    logger[unheard ? 'debug' : 'warn']({ err: error }, 'events do not reach other processes at the moment')
    unheard = true
  }

  const publish = (message: EventMessage): void => {
    if (publisher === undefined || !Object.hasOwn(schemas, message.name)) return
    if (answering.getStore() === true) return
    if (pending >= MAX_PENDING) return notHeard(new Error(`${MAX_PENDING} events are under way already`))
    try {
      const text = encodeMessage(message)
      if (text.length > MAX_MESSAGE_CHARACTERS) {
        const accepted = `${MAX_MESSAGE_CHARACTERS} characters`
        logger.warn({ event: message.name, accepted }, 'an event is too large for other processes')
        return
      }
      pending++
      publisher
        .publish(channel, text)
        .then(() => void (unheard = false), notHeard)
        .finally(() => pending--)
    } catch (error) {
      logger.warn({ err: error, event: message.name }, 'an event cannot be told to other processes')
    }
  }

  const receive = (from: string, text: string): void => {
    if (from !== channel) return
    const message =
      text.length > MAX_MESSAGE_CHARACTERS ? { refused: 'too long' } : decodeMessage(text, schemas)
    if ('refused' in message) {
      logger.warn({ reason: message.refused }, 'an event of another process is not accepted')
      return
    }
    if (message.origin === origin) return
    answering.run(true, () => listeners.deliver(message.name, message.event, REMOTE))
  }

  /** The subscription, on a first connection and on each new one. */
  const subscribe = (client: Redis | Cluster): void => {
    client.subscribe(channel).then(() => {
      subscribed = true
      unheard = false
    }, notHeard)
  }

  /** A connection that was cut without a word looks healthy until somebody asks. */
  const heartbeat = async (client: Redis | Cluster): Promise<void> => {
    if (!subscribed) return
    const answer = client.ping()
    if (await settlesWithin(answer, HEARTBEAT_TIMEOUT_MS, clock)) return void answer.catch(() => undefined)
    subscribed = false
    client.disconnect(true)
  }

  return {
    get connected() {
      return subscribed
    },
    emit: (name, event) => {
      listeners.deliver(name, event, LOCAL)
      publish({ origin, name, event })
    },
    on: listeners.on,
    onAny: listeners.onAny,
    connect: async () => {
      publisher = await options.connect('events')
      const client = await options.connect('events-listener')
      subscriber = client
      client.on('message', receive)
      client.on('close', () => void (subscribed = false))
      client.on('ready', () => subscribe(client))
      if (client.status === 'ready') subscribe(client)
      stopHeartbeat = clock.every(HEARTBEAT_MS, () => void heartbeat(client))
    },
    close: async () => {
      stopHeartbeat()
      subscribed = false
      subscriber?.disconnect()
      // What was emitted just before the end is still said, when that is possible.
      if (publisher !== undefined) await settlesWithin(publisher.quit(), 500, clock)
      publisher?.disconnect()
      publisher = undefined
    },
  }
}
