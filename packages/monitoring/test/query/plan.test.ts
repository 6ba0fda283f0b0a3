import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkRange, NICE_STEPS_MS, planRange, planWhole } from '../../src/query/plan.ts'
import { createTiers } from '../../src/storage/tiers.ts'

const tiers = createTiers(900_000)
const DAY = 86_400_000
const retentionMs = { raw: DAY, '1m': 30 * DAY, '1h': 400 * DAY }
const now = Date.UTC(2026, 5, 1, 10, 20, 30)

describe('planRange', () => {
  it('never exceeds the width, covers the range, and steps by multiples of the resolution', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 400 * DAY }),
        fc.nat(100 * DAY),
        fc.integer({ min: 2, max: 4_000 }),
        (span, ago, width) => {
          const to = now - ago
          const plan = planRange({ from: to - span, to, width, now, intervalMs: 0, tiers, retentionMs })
          expect(plan.steps).toBeLessThanOrEqual(width)
          expect(plan.start).toBeLessThanOrEqual(to - span)
          const end = Math.min(to, Math.floor((now - 500) / 2_000) * 2_000)
          expect(plan.start + plan.steps * plan.stepMs).toBeGreaterThanOrEqual(Math.min(end, to))
          expect(plan.stepMs % tiers[plan.resolution].slotMs).toBe(0)
          expect(plan.start % plan.stepMs).toBe(0)
        },
      ),
    )
  })

  it.each([
    ['5 minutes', 300_000, 'raw', 2_000],
    ['1 hour', 3_600_000, 'raw', 10_000],
    ['24 hours', DAY, '1m', 300_000],
    ['30 days', 29 * DAY, '1h', 7_200_000],
  ])('answers %s in %s', (_title, span, resolution, stepMs) => {
    const plan = planRange({ from: now - span, to: now, width: 600, now, intervalMs: 0, tiers, retentionMs })
    expect(plan).toMatchObject({ resolution, stepMs })
  })

  it('does not step finer than the sender reports, nor finer than what is kept', () => {
    const recent = { from: now - 300_000, to: now, width: 600, now, tiers, retentionMs }
    expect(planRange({ ...recent, intervalMs: 15_000 }).stepMs).toBe(20_000)
    const old = { from: now - 40 * DAY, to: now - 40 * DAY + 300_000, width: 600, now, tiers, retentionMs }
    expect(planRange({ ...old, intervalMs: 0 })).toMatchObject({ resolution: '1h', stepMs: 3_600_000 })
  })

  it('has steps that are multiples of the resolution that serves them', () => {
    for (const step of NICE_STEPS_MS) {
      const base = step < 60_000 ? 2_000 : step < 3_600_000 ? 60_000 : 3_600_000
      expect(step % base).toBe(0)
    }
  })
})

describe('planWhole', () => {
  it('encloses the range as one step', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 300 * DAY }), (span) => {
        const plan = planWhole({ from: now - span, to: now, now, tiers, retentionMs })
        expect(plan.start).toBeLessThanOrEqual(now - span)
        expect(plan.start + plan.stepMs).toBeGreaterThanOrEqual(now)
        expect(plan.stepMs - span).toBeLessThanOrEqual(2 * tiers[plan.resolution].slotMs)
      }),
    )
  })
})

describe('checkRange', () => {
  it.each([
    [{ from: 2, to: 1 }, 'MONITORING_RANGE_INVALID'],
    [{ from: NaN, to: 1 }, 'MONITORING_RANGE_INVALID'],
    [{ from: 0, to: 801 * DAY }, 'MONITORING_RANGE_INVALID'],
    [{ from: 0, to: 1, width: 4_001 }, 'MONITORING_WIDTH_INVALID'],
    [{ from: 0, to: 1, width: 0.5 }, 'MONITORING_WIDTH_INVALID'],
  ])('refuses %j', (query, code) =>
    expect(() => checkRange(query)).toThrow(expect.objectContaining({ code })),
  )
})
