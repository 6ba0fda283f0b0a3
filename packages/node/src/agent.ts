import { isMainThread } from 'node:worker_threads'
import { processRegistry, startExporter, type Exporter } from '@millrace/core/metrics'
import type { AgentSettings } from './environment.ts'
import { instrumentExpress } from './frameworks/express.ts'
import { instrumentFastify } from './frameworks/fastify.ts'
import { guarded, reportTo } from './guard.ts'
import { claimInstanceName, instanceName } from './instance-name.ts'
import { instrumentUndici } from './http/client.ts'
import { instrumentListen } from './http/listen.ts'
import { instrumentHttpServers } from './http/server.ts'
import { onModuleLoaded } from './modules/on-module-loaded.ts'
import { instrumentPostgres } from './postgres/client.ts'
import { activate, onActivate } from './activation.ts'
import { observeEventLoop } from './runtime/event-loop.ts'
import { observeGarbageCollection } from './runtime/garbage-collection.ts'
import { observeHeap, observeProcess } from './runtime/process.ts'
import { flushOnExit } from './flush-on-exit.ts'

export interface Agent {
  /** Sends what was recorded up to now. Never rejects. */
  flush(): Promise<void>
  stop(): Promise<void>
}

/**
 * Instruments the process. Nothing is sent, and no timer or socket exists, until the process listens, queries a
 * database or uses a metric of its own: NODE_OPTIONS also reaches the tools around an application.
 */
export function startAgent(settings: AgentSettings): Agent {
  if (settings.debug) {
    reportTo((where, error) => void process.stderr.write(`millrace agent: ${where}: ${String(error)}\n`))
  }
  const registry = processRegistry()
  let exporter: Exporter | undefined
  onActivate(() => {
    if (exporter !== undefined) return
    exporter = guarded('exporter', () =>
      startExporter({
        registry,
        target: { url: settings.url, token: settings.token },
        resource: { service: settings.service, instance: instanceName(settings.instance) },
      }),
    )
    if (exporter === undefined) return
    guarded('runtime', () => {
      observeEventLoop(registry)
      observeGarbageCollection(registry)
      observeHeap(registry)
    })
    if (!isMainThread) return
    // Threads share the process: its CPU, memory and signals belong to the main thread.
    guarded('process', () => {
      claimInstanceName()
      observeProcess(registry)
      flushOnExit(exporter as Exporter)
    })
  })
  guarded('http', () => instrumentHttpServers(registry))
  guarded('undici', () => instrumentUndici(registry))
  guarded('listen', () => instrumentListen(settings.listenHost, activate))
  guarded('fastify', instrumentFastify)
  guarded('modules', () =>
    onModuleLoaded({
      express: instrumentExpress,
      router: instrumentExpress,
      pg: (exported) => instrumentPostgres(exported, registry, activate),
    }),
  )
  if (settings.eager) activate()
  return {
    flush: async () => exporter?.flush(),
    stop: async () => exporter?.stop(),
  }
}
