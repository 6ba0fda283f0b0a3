import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { systemClock, type Clock } from '../clock/clock.ts'
import { settlesWithin } from '../lifecycle/deadline.ts'
import type { Logger } from '../logger/logger.ts'
import type { RedisConnection } from '../redis/connection.ts'
import type { EventBus } from './bus.ts'
import { createDelivery } from './delivery.ts'
import { decodeMessage, encodeMessage, SHARED_EVENTS, type EventMessage } from './messages.ts'

export interface RedisEventBusOptions {
  /** `connectRedis` with the settings. Called twice: a connection that listens can do nothing else. */
  connect: (purpose: string) => RedisConnection
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
  /**
   * Begins to hear and to be heard. Resolves when the first attempt is over: a server that is away is looked for from
   * then on. Rejects with REDIS_REFUSED when the settings are wrong; events stay in the process then.
   */
  connect(): Promise<void>
  close(): Promise<void>
}

/** Publications under way; an event beyond them stays in its process. */
const MAX_PENDING = 1_000
const MAX_MESSAGE_CHARACTERS = 1_048_576
/** A connection that was cut without a word looks healthy until somebody asks: its time limits do the rest. */
const HEARTBEAT_MS = 15_000
const LAST_WORDS_MS = 500

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
  let publisher: RedisConnection | undefined
  let subscriber: RedisConnection | undefined
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
      publisher.client
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

  /** Anew on each connection. */
  const subscribe = ({ client }: RedisConnection): void => {
    client.subscribe(channel).then(() => {
      subscribed = true
      unheard = false
    }, notHeard)
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
      const [speaking, hearing] = [options.connect('events'), options.connect('events-listener')]
      publisher = speaking
      subscriber = hearing
      hearing.client.on('message', receive)
      hearing.onReady((ready) => {
        subscribed = false
        if (ready) subscribe(hearing)
      })
      stopHeartbeat = clock.every(HEARTBEAT_MS, () => {
        if (hearing.ready) hearing.client.ping().catch(() => undefined)
      })
      await Promise.all([speaking.opened(), hearing.opened()])
    },
    close: async () => {
      stopHeartbeat()
      subscribed = false
      const [speaking, hearing] = [publisher, subscriber]
      publisher = subscriber = undefined
      await hearing?.close()
      // What was emitted just before the end is on its way: the answer to a further command comes after it.
      if (speaking?.ready === true) await settlesWithin(speaking.client.ping(), LAST_WORDS_MS, clock)
      await speaking?.close()
    },
  }
}
