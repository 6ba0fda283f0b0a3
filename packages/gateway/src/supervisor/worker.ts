import { createLogger } from '@millrace/core'
import { MetricRegistry, startExporter, type Exporter } from '@millrace/core/metrics'
import { createAccessLog } from '../access-log/access-log-file.ts'
import { createGateway, type NodeGateway } from '../drivers/node.ts'
import { loadHttpCache } from './load-http-cache.ts'
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts'
import { serializeError } from './serialize-error.ts'

/** The program of a gateway worker. It runs what the supervisor says and ends with it. */

const tell = (message: FromWorker): void => {
  if (process.connected) process.send?.(message)
}

/** Resolves when it has what the supervisor said at first; what is said meanwhile waits for that, in its order. */
const created = Promise.withResolvers<NodeGateway>()
let exporter: Exporter | undefined

async function start(settings: WorkerSettings): Promise<void> {
  const { engine, table, host, port, processes, number } = settings
  const logger = createLogger({ level: settings.logLevel, bindings: { component: `gateway/${number}` } })
  const registry = new MetricRegistry()
  const httpCache =
    settings.httpCache === undefined
      ? undefined
      : await loadHttpCache(settings.httpCache, { instance: `gateway/${number}`, logger, registry })
  const gateway = createGateway({
    ...engine,
    ...table,
    host,
    port,
    processes,
    logger,
    registry,
    ...(httpCache === undefined ? {} : { httpCache }),
    ...(settings.ticketKeys === undefined ? {} : { ticketKeys: Buffer.from(settings.ticketKeys, 'base64') }),
    onPurge: (what) => tell({ type: 'purged', what }),
    ...(settings.accessLog === undefined
      ? {}
      : { accessLog: createAccessLog({ path: settings.accessLog, logger }, { worker: number }) }),
  })
  for (const id of settings.drained) await gateway.drain(id, 0).catch(() => undefined)
  created.resolve(gateway)
  if (settings.telemetry !== undefined) {
    const resource = { service: 'gateway', instance: `gateway/${number}` }
    exporter = startExporter({ registry, target: settings.telemetry, resource, logger })
  }
  tell({ type: 'listening', address: await gateway.listen() })
}

async function perform(message: Extract<ToWorker, { type: 'call' }>): Promise<unknown> {
  const gateway = await created.promise
  switch (message.name) {
    case 'update':
      return gateway.update(message.params)
    case 'drain':
      return gateway.drain(message.params.id, message.params.timeoutMs)
    case 'undrain':
      return gateway.undrain(message.params.id)
    case 'purge':
      return gateway.purge(message.params)
    case 'ping':
      return undefined
    case 'explain':
      return gateway.explain?.(message.params)
    case 'connections':
      return gateway.connections?.(message.params.limit)
    case 'disconnect':
      return gateway.disconnect?.(message.params.id)
    case 'ticketKeys':
      return gateway.setTicketKeys(Buffer.from(message.params, 'base64'))
    case 'certificates':
      return gateway.reloadCertificates()
    case 'stats':
      return gateway.stats()
    case 'close':
      await gateway.close(message.params)
      return exporter?.stop({ deadlineMs: 500 })
    default:
      throw new Error(`the worker knows no call '${String((message as { name: unknown }).name)}'`)
  }
}

process.on('message', (message: ToWorker) => {
  if (message.type === 'init') {
    start(message.settings).catch((error: unknown) => tell({ type: 'failed', error: serializeError(error) }))
    return
  }
  const { id, name } = message
  perform(message).then(
    (value) => {
      tell({ type: 'reply', id, ok: true, value })
      if (name === 'close') process.disconnect()
    },
    (error: unknown) => tell({ type: 'reply', id, ok: false, error: serializeError(error) }),
  )
})

// Ctrl-C reaches the whole process group; when to stop is the supervisor's decision.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
// Without a supervisor there is nobody to take the port back: end, so that the next start finds it free.
process.on('disconnect', () => process.exit(0))

tell({ type: 'hello' })
