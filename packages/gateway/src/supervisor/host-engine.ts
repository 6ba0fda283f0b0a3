import { join } from 'node:path'
import type { ComponentStatus } from '@millrace/core'
import { MetricRegistry, startExporter, type Exporter } from '@millrace/core/metrics'
import { createAccessLog } from '../access-log/access-log-file.ts'
import type { GatewayConfig } from '../config.ts'
import type { OpenConnections } from '../connections-view/model.ts'
import type { GatewayEngine } from '../drivers/driver.ts'
import { HaproxyGateway } from '../drivers/haproxy/haproxy.ts'
import { gatewayErrors } from '../errors.ts'
import type { Explanation, ExplainRequest } from '../routing/explain-model.ts'
import { WorkerGroup } from './worker-group.ts'
import type { WorkerGroupOptions } from './worker-group-options.ts'

/** An engine as the host part runs it: over all processes, seen in the status, and replaced without a failed request. */
export interface HostEngine extends GatewayEngine {
  status(): ComponentStatus[]
  /** New processes with the present settings; the former ones finish what they have. */
  reload(): Promise<void>
  explain(request: ExplainRequest): Promise<Explanation>
  connections(limit: number): Promise<OpenConnections>
  disconnect(id: string): Promise<void>
}

/** HAProxy with what is the host part's: its folder, its access log, and metrics that are sent. */
class HaproxyHost extends HaproxyGateway implements HostEngine {
  readonly #exporter: Exporter | undefined

  constructor(options: WorkerGroupOptions, dataDir: string) {
    const { telemetry, logger, clock, engine, table, host, port, workers, accessLog } = options
    const registry = new MetricRegistry()
    super({
      ...engine,
      ...table,
      host,
      port,
      threads: workers,
      logger,
      clock,
      registry,
      directory: join(dataDir, 'haproxy'),
      changed: () => options.changed(),
      ...(accessLog === undefined ? {} : { accessLog: createAccessLog({ path: accessLog, logger }) }),
    })
    const resource = { service: 'gateway', instance: 'gateway/haproxy' }
    if (telemetry !== undefined)
      this.#exporter = startExporter({ registry, target: telemetry, resource, clock, logger })
  }

  async explain(): Promise<Explanation> {
    throw gatewayErrors.HAPROXY_LACKS({ what: 'saying how it would decide about a request' })
  }

  override async close(options: { deadlineMs?: number } = {}): Promise<void> {
    await super.close(options)
    await this.#exporter?.stop({ deadlineMs: 500 })
  }
}

/** The engine that the configuration names. `dataDir` is the gateway's. */
export function createHostEngine(
  engine: GatewayConfig['engine'],
  options: WorkerGroupOptions,
  dataDir: string,
): HostEngine {
  if (engine === 'node') return new WorkerGroup(options)
  if (options.httpCache?.() !== undefined)
    options.logger.warn(
      'the gateway’s engine haproxy has no HTTP cache: everything is forwarded (gateway.engine, MILLRACE_GATEWAY_ENGINE)',
    )
  return new HaproxyHost(options, dataDir)
}
