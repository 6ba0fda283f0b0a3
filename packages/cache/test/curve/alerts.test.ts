import { describe, expect, it } from 'vitest'
import { MemoryAlerts, type MemoryState } from '../../src/curve/alerts.ts'

const state = (changes: Partial<MemoryState> = {}): MemoryState => ({
  used: 0.5,
  usedOf: 'bytes',
  reads: [{ namespace: null, reads: 10_000, evictedTooSoon: 0 }],
  ...changes,
})

describe('MemoryAlerts', () => {
  it('says that the memory is full, since when, and ends it with a distance', () => {
    const alerts = new MemoryAlerts()
    alerts.update(state({ used: 0.94 }), 1)
    expect(alerts.active).toEqual([])
    alerts.update(state({ used: 0.96 }), 2)
    alerts.update(state({ used: 0.99 }), 3)
    expect(alerts.active).toMatchObject([
      {
        kind: 'memory',
        namespace: null,
        since: 2,
        value: 0.99,
        reason: expect.stringContaining('99.0 % of the bytes'),
      },
    ])
    alerts.update(state({ used: 0.8 }), 4)
    expect(alerts.active).toHaveLength(1)
    alerts.update(state({ used: 0.7 }), 5)
    expect(alerts.active).toEqual([])
  })

  it('names the namespace whose entries are asked for again after they left, with enough reads', () => {
    const alerts = new MemoryAlerts()
    const of = (reads: number, evictedTooSoon: number): MemoryState =>
      state({ reads: [{ namespace: 'PRODUCTS', reads, evictedTooSoon }] })
    alerts.update(of(100, 50), 1)
    expect(alerts.active).toEqual([])
    alerts.update(of(10_000, 900), 2)
    expect(alerts.active).toMatchObject([
      {
        kind: 'evicted-too-soon',
        namespace: 'PRODUCTS',
        reason: expect.stringContaining('9.0 % of the reads of PRODUCTS'),
      },
    ])
    alerts.update(state(), 3)
    expect(alerts.active).toEqual([])
  })
})
