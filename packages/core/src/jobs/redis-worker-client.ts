import type { Cluster, Redis } from 'ioredis'
import type { RedisConnection } from '../redis/connection.ts'

export interface WorkerClient {
  client: Redis | Cluster
  close(): void
}

/** Longer than BullMQ blocks at most (10 s). */
const SILENCE_MS = 15_000

/**
 * What workers need, and nobody else may have: commands that wait for the server while it is away, so that a job that has
 * been done is reported when it is back, and that may block. BullMQ copies the client for each worker, with its options.
 */
export function openWorkerClient(connection: RedisConnection): WorkerClient {
  const { client } = connection
  const options = {
    lazyConnect: false,
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    autoResendUnfulfilledCommands: true,
    commandTimeout: undefined,
    socketTimeout: SILENCE_MS,
    connectionName: 'millrace:jobs-worker',
  }
  const made =
    'nodes' in client
      ? client.duplicate([], {
          ...client.options,
          lazyConnect: false,
          enableOfflineQueue: true,
          redisOptions: { ...client.options.redisOptions, ...options, lazyConnect: true },
        })
      : client.duplicate(options)
  // BullMQ waits for the server when it closes its copies, whether or not there is one: they are ended here.
  const all: (Redis | Cluster)[] = []
  const own = <Client extends Redis | Cluster>(client: Client): Client => {
    // The connection that it is a copy of reports outages.
    client.on('error', () => undefined)
    const duplicate = client.duplicate.bind(client) as (...args: unknown[]) => Client
    client.duplicate = ((...args: unknown[]) => own(duplicate(...args))) as Client['duplicate']
    all.push(client)
    return client
  }
  return { client: own(made), close: () => all.forEach(end) }
}

/**
 * ioredis leaves commands that wait for a connection unanswered when it is told to end between two attempts to make one; told to
 * end before the first, it answers them.
 */
function end(client: Redis | Cluster): void {
  if (!('nodes' in client) && client.status === 'reconnecting') client.status = 'wait'
  client.disconnect()
}
