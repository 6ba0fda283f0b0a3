import type { MetricPoint } from '@millrace/core'
import { ExponentialHistogram } from '@millrace/core/metrics'
import { createTestContext, fakeClock, type FakeClock } from '@millrace/testing'
import type { z } from 'zod'
import { capability } from '../src/capability.ts'
import type { monitoringConfig } from '../src/config.ts'
import { MonitoringService } from '../src/service.ts'
import { point } from './memory-service.ts'

export interface StoredService {
  service: MonitoringService
  clock: FakeClock
  dataDir: string
  /** Disposes as a stop does. */
  stop(): Promise<void>
  /** Ends without the last flush, as SIGKILL would. */
  kill(): Promise<void>
}

export interface StoredOptions {
  url: string
  now: number
  dataDir?: string
  config?: z.input<typeof monitoringConfig>
}

/** The service against a real PostgreSQL, on a clock that moves when told. */
export async function storedService({ url, now, dataDir, config }: StoredOptions): Promise<StoredService> {
  const clock = fakeClock({ now })
  const test = await createTestContext(capability, {
    databaseUrl: url,
    clock,
    config: { system: false, ...config },
  })
  const context = { ...test.context, dataDir: dataDir ?? test.context.dataDir }
  const service = await MonitoringService.create(context)
  return {
    service,
    clock,
    dataDir: context.dataDir,
    stop: async () => {
      await service.dispose()
      await test.close()
    },
    kill: () => test.close(),
  }
}

/** What an application sends every two seconds: a counter, a gauge and a histogram for each of its series. */
export function report(at: number, series: number): MetricPoint[] {
  const points: MetricPoint[] = []
  for (let i = 0; i < series; i++) {
    const labels = { series: String(i) }
    const latency = new ExponentialHistogram()
    for (let n = 0; n < 3; n++) latency.record(0.01 * (1 + ((at / 2_000 + i + n) % 50)))
    points.push(
      point('counter', at, 10, labels),
      point('gauge', at, 100 + i, labels),
      point('histogram', at, latency.snapshot(), labels),
    )
  }
  return points
}

/** Reports from the clock's time on, in real order, with the minutely flush and everything else that runs by it. */
export async function run({ service, clock }: StoredService, ms: number, series = 1): Promise<void> {
  for (let passed = 0; passed < ms; passed += 2_000) {
    service.writer.write(report(clock.now(), series))
    await clock.advance(2_000)
  }
  // The last slot settles half a second after its end.
  await clock.advance(500)
}
