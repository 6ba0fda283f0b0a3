import { silentLogger } from '@millrace/core'
import { createInstruments, MetricRegistry } from '@millrace/core/metrics'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { engineConfig } from '../../src/config.ts'
import type { CircuitBreaker, OutlierDetection } from '../../src/drivers/driver.ts'
import { gatewayMetrics } from '../../src/metrics.ts'
import { Backend } from '../../src/pools/backend.ts'
import { PassiveHealth } from '../../src/pools/passive-health.ts'
import { PoolMetrics } from '../../src/pools/pool-metrics.ts'

const BREAKER: CircuitBreaker = {
  errorRatio: 0.5,
  minRequests: 3,
  windowMs: 1_000,
  openMs: 2_000,
  steps: [10, 100],
}
const OUTLIER: OutlierDetection = { consecutiveFailures: 2, maxEjectedShare: 0.5, baseEjectMs: 3_000 }

/** A pool without connections, on a clock that a test moves. */
function watched(count: number, settings: { breaker?: CircuitBreaker; outlier?: OutlierDetection }) {
  const config = engineConfig.parse({})
  const backends = new Map(
    Array.from({ length: count }, (_, index) => {
      const id = `app/${index}`
      return [id, new Backend({ id, host: '127.0.0.1', port: 1 }, 10, config)] as const
    }),
  )
  const metrics = new PoolMetrics('app', createInstruments(new MetricRegistry(), 'gateway', gatewayMetrics))
  const health = new PassiveHealth({ name: 'app', metrics, backends, refresh: () => undefined }, silentLogger)
  health.configure({ name: 'app', backends: [], ...settings }, false)
  return { health, list: [...backends.values()] }
}

const failures = fc.array(fc.record({ backend: fc.nat(100), afterMs: fc.nat(300), ok: fc.boolean() }), {
  maxLength: 300,
})

it('outlier detection leaves out no more than the stated share, and always may one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      failures,
      (count, share, list) => {
        const { health, list: backends } = watched(count, { outlier: { ...OUTLIER, maxEjectedShare: share } })
        let now = 0
        for (const { backend, afterMs } of list) {
          now += afterMs
          health.failed(backends[backend % count]!, 'reset', now, now)
          const out = backends.filter(({ outlier }) => outlier.isOut(now)).length
          expect(out).toBeLessThanOrEqual(Math.max(1, Math.floor(count * share)))
        }
      },
    ),
  )
})

it('circuits take out no more than the stated share: otherwise all are used, with all their weight', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      failures,
      (count, panicShare, list) => {
        const { health, list: backends } = watched(count, { breaker: { ...BREAKER, panicShare } })
        let now = 0
        for (const { backend, afterMs, ok } of list) {
          now += afterMs
          const { circuit } = backends[backend % count]!
          circuit!.tick(now)
          circuit!.record(!ok, now)
          const admitted = health.admit(backends, now)
          const out = count - admitted.length
          expect(out).toBeLessThanOrEqual(count * panicShare)
          for (const one of admitted) expect(one.weight).toBeGreaterThan(0)
          const open = backends.filter((one) => one.circuit!.state === 'open')
          expect(open.length > count * panicShare ? [] : open).toEqual(
            backends.filter((one) => !admitted.includes(one)),
          )
        }
        health.close()
      },
    ),
  )
})
