import { recommendationSchema } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { monitoringConfig } from '../src/config.ts'
import { diagnose, type Snapshot } from '../src/recommendations.ts'

const { thresholds } = monitoringConfig.parse({})

const healthy: Snapshot = {
  windowMs: 900_000,
  summary: {
    source: 'gateway',
    requests: {
      ratePerSecond: 5,
      total: 100,
      errorRatio: 0,
      p50Seconds: 0.01,
      p95Seconds: 0.05,
      p99Seconds: 0.1,
    },
    system: { cpuRatio: 0.5, memoryUsedBytes: 5, memoryTotalBytes: 10, memoryRatio: 0.5, load1: 1 },
    database: { p95Seconds: 0.01, ratePerSecond: 3 },
    cache: { hitRatio: 0.95 },
  },
  slowRoutes: [{ labels: { service: 'shop', method: 'GET', route: '/' }, p95Seconds: 0.05 }],
  slowOperations: [{ labels: { service: 'shop', operation: 'SELECT' }, p95Seconds: 0.01 }],
}

describe('diagnose', () => {
  it('finds nothing where everything is within its threshold', () => {
    expect(diagnose(healthy, thresholds)).toEqual([])
  })

  it('finds nothing where nothing was measured', () => {
    const system = {
      cpuRatio: null,
      memoryUsedBytes: null,
      memoryTotalBytes: null,
      memoryRatio: null,
      load1: null,
    }
    const summary = { ...healthy.summary, system, cache: { hitRatio: null } }
    expect(diagnose({ ...healthy, summary, slowRoutes: [], slowOperations: [] }, thresholds)).toEqual([])
  })

  it('names each breach with its evidence, in valid recommendations', () => {
    const snapshot: Snapshot = {
      ...healthy,
      summary: {
        ...healthy.summary,
        system: { ...healthy.summary.system, cpuRatio: 0.9, memoryRatio: 0.99 },
        cache: { hitRatio: 0.4 },
      },
      slowRoutes: [{ labels: { service: 'shop', method: 'GET', route: '/search' }, p95Seconds: 4 }],
      slowOperations: [{ labels: { service: 'shop', operation: 'UPDATE' }, p95Seconds: 0.8 }],
    }
    const found = diagnose(snapshot, thresholds)
    expect(
      found.map(({ id, severity, evidence }) => [id, severity, evidence[0]!.value, evidence[0]!.target]),
    ).toEqual([
      ['monitoring.slow-route.shop.GET./search', 'critical', 4_000, 1_000],
      ['monitoring.slow-queries.shop.UPDATE', 'warning', 800, 500],
      ['monitoring.cpu', 'warning', 90, 80],
      ['monitoring.memory', 'warning', 99, 85],
      ['monitoring.cache-hits', 'warning', 40, 80],
    ])
    for (const recommendation of found) recommendationSchema.parse(recommendation)
  })
})
