import { InstanceBoard, type Clock, type Logger, type PlatformConfig } from '@millrace/core'
import { createInstruments, type MetricRegistry } from '@millrace/core/metrics'
import { gatewayMetrics } from '../metrics.ts'
import { createSource } from './create-source.ts'
import { Discovery, type DiscoveryStatus } from './discovery.ts'
import type { PodEnvironment } from './kubernetes/access.ts'

/** Whoever asks during the first seconds would be refused; a source that does not answer by then holds up nobody else. */
const START_MS = 5_000

/** Everything that applications look up (`discover`), as one source of instances. */
export class Discoveries {
  readonly board: InstanceBoard
  readonly #clock: Clock
  readonly #all: Discovery[]

  /** Throws GATEWAY_DISCOVER_INVALID. Nothing is asked before `start`. */
  constructor(
    context: { platform: PlatformConfig; clock: Clock; logger: Logger },
    registry: MetricRegistry,
    pod: PodEnvironment = {},
  ) {
    const { platform, clock, logger } = context
    this.#clock = clock
    this.board = new InstanceBoard(() => this.#all.flatMap((discovery) => discovery.instances()), logger)
    const { discoveryLookups: metric } = gatewayMetrics
    const { discoveryLookups } = createInstruments(registry, 'gateway', { discoveryLookups: metric })
    this.#all = Object.entries(platform.applications).flatMap(([pool, { discover, drainTimeoutMs }]) => {
      if (discover === undefined) return []
      const { keepMs, whenEmpty } = discover
      return new Discovery({
        pool,
        source: createSource(pool, discover, clock, pod),
        keepMs,
        whenEmpty,
        drainMs: drainTimeoutMs,
        clock,
        logger,
        onChange: () => void this.board.publish(),
        onResult: (name, source, result) => discoveryLookups.with({ pool: name, source, result }).add(),
      })
    })
  }

  /** Resolves when every source has answered or failed once, or after 5 s. */
  async start(): Promise<void> {
    if (this.#all.length === 0) return
    const waiting = new AbortController()
    const late = this.#clock.sleep(START_MS, waiting.signal).catch(() => undefined)
    await Promise.race([Promise.all(this.#all.map((discovery) => discovery.start())), late])
    waiting.abort()
  }

  stop(): void {
    for (const discovery of this.#all) discovery.stop()
  }

  status(): DiscoveryStatus[] {
    return this.#all.map((discovery) => discovery.status())
  }
}
