import type { Socket } from 'node:net'
import { Client } from 'pg'
import { systemClock } from '../clock/clock.ts'
import { backoff } from '../clock/backoff.ts'

export interface ListenerOptions {
  url: string
  channel: string
  /** Shown in pg_stat_activity. */
  applicationName: string
  onNotification: (payload: string) => void
  /** After every new beginning: notifications may have been missed in between. */
  onReconnect: () => void
  /** The connection was lost, and is looked for. */
  onLost?: () => void
  /** Does not reject when the first connection fails: the server is looked for from then on. Default false. */
  patient?: boolean
}

export interface Listener {
  /** Whether the first connection was made. */
  readonly began: boolean
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 5_000
const HEARTBEAT_MS = 30_000
const END_TIMEOUT_MS = 1_000

/**
 * LISTENs on a connection of its own, and again whenever that breaks. Rejects when the first connection fails, unless it
 * is to be patient; then its success is told by `onReconnect`.
 *
 * Instead of pg-boss's own listener, which takes its error handler off a client before it ends it: a second error of
 * that connection (a reset after the server's farewell) is then nobody's and ends the process.
 */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const stopping = new AbortController()
  let client: Client | undefined
  try {
    client = await listen(options)
  } catch (error) {
    if (options.patient !== true) throw error
  }
  const began = client !== undefined
  const keepListening = async (): Promise<void> => {
    const delays = backoff({ baseMs: 500, maxMs: 30_000 })
    while (!stopping.signal.aborted) {
      if (client !== undefined) {
        await lost(client, stopping.signal)
        await end(client)
        client = undefined
        if (!stopping.signal.aborted) options.onLost?.()
      }
      try {
        await systemClock.sleep(delays.next(), stopping.signal)
        client = await listen(options)
        delays.reset()
        options.onReconnect()
      } catch {
        // The server is away, or we stop: whoever uses the pool reports it.
      }
    }
    if (client !== undefined) await end(client)
  }
  const done = keepListening()
  return {
    began,
    close: async () => {
      stopping.abort()
      await done
    },
  }
}

async function listen({ url, channel, applicationName, onNotification }: ListenerOptions): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  })
  // Never removed: a connection may report more than one error.
  client.on('error', () => undefined)
  client.on('notification', ({ payload }) => {
    if (payload !== undefined) onNotification(payload)
  })
  try {
    await client.connect()
    await client.query(`listen ${client.escapeIdentifier(channel)}`)
    return client
  } catch (error) {
    await end(client)
    throw error
  }
}

/** Resolves when the connection broke, stopped answering, or is no longer wanted. */
function lost(client: Client, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearInterval(heartbeat)
      signal.removeEventListener('abort', over)
      resolve()
    }
    // A connection that was cut without a word looks healthy until somebody asks.
    const heartbeat = setInterval(() => void client.query('select 1').catch(over), HEARTBEAT_MS)
    heartbeat.unref()
    client.on('error', over)
    client.on('end', over)
    signal.addEventListener('abort', over)
    if (signal.aborted) over()
  })
}

async function end(client: Client): Promise<void> {
  // A dead peer never answers the farewell.
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  const timer = setTimeout(() => stream.destroy(), END_TIMEOUT_MS)
  await client.end().catch(() => undefined)
  clearTimeout(timer)
}
