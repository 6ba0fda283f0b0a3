import {
  createEventBus,
  createPorts,
  silentLogger,
  type EventBus,
  type Ports,
  type PurgeEvent,
} from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import { fakeClock } from '@millrace/testing'
import { onTestFinished } from 'vitest'
import { createMemoryStore, type MemoryStore } from '../../src/drivers/memory.ts'
import { createCache, type CacheManager } from '../../src/index.ts'
import { SharedKeyspaces } from '../../src/platform/keyspaces.ts'
import { purge } from '../../src/platform/purge.ts'
import type { PurgeReport } from '../../src/platform/purge-report.ts'
import { purgeInputSchema } from '../../src/platform/purge-scope.ts'
import { reportedMetrics, type ReportedPoint } from './reported-metrics.ts'

export interface TestPlatform {
  cache: CacheManager
  shared: SharedKeyspaces | undefined
  /** One per keyspace. */
  stores: Record<string, MemoryStore>
  ports: Ports
  events: EventBus
  announced: PurgeEvent[]
  purge: (input: unknown) => Promise<PurgeReport>
}

export interface TestPlatformOptions {
  /** Names of keyspaces in the shared store. Default: there is no shared store. */
  keyspaces?: readonly string[]
  reported?: readonly ReportedPoint[]
}

/** The control plane's part over a store in memory, with whatever the processes of others report. */
export function setUpPlatform({ keyspaces, reported = [] }: TestPlatformOptions = {}): TestPlatform {
  const clock = fakeClock()
  const cache = createCache({ name: 'control-plane', clock, registry: new MetricRegistry() })
  const stores = Object.fromEntries((keyspaces ?? []).map((name) => [name, createMemoryStore({ clock })]))
  const shared =
    keyspaces === undefined
      ? undefined
      : new SharedKeyspaces(
          {
            kind: 'memory',
            driver: (name) => (stores[name] ??= createMemoryStore({ clock })).driver(),
            discover: async () => ({ names: [...keyspaces], more: false }),
            close: async () => undefined,
          },
          clock,
        )
  const ports = createPorts()
  ports.provide('metricReader', reportedMetrics(reported))
  const events = createEventBus(silentLogger)
  const announced: PurgeEvent[] = []
  onTestFinished(async () => {
    await cache.close()
    await shared?.close()
  })
  const parts = {
    cache,
    shared,
    ports,
    logger: silentLogger,
    announce: (event: PurgeEvent) => void announced.push(event),
  }
  return {
    cache,
    shared,
    stores,
    ports,
    events,
    announced,
    purge: (input) => purge(parts, purgeInputSchema.parse(input), new AbortController().signal),
  }
}

/** Writes records into a keyspace, as its processes would. */
export async function fill(store: MemoryStore, keys: readonly string[]): Promise<void> {
  const driver = store.driver()
  await driver.connect()
  const { version } = await driver.stamps([])
  await driver.write(keys.map((key) => ({ key, version, payload: Buffer.from('x'), ttlMs: 60_000 })))
  await driver.close()
}
