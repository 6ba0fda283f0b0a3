import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { PeakEwma } from '../../src/balancing/peak-ewma.ts'

it('believes a rise at once, and a fall by a tenth per answer or by time', () => {
  const ewma = new PeakEwma()
  expect(ewma.read(5)).toBe(0)
  ewma.record(10, 0)
  ewma.record(300, 1)
  expect(ewma.read(1)).toBe(300)
  ewma.record(10, 2)
  expect(ewma.read(2)).toBeCloseTo(271)
  for (let i = 0; i < 60; i++) ewma.record(10, 3 + i)
  expect(ewma.read(62)).toBeLessThan(11)
  ewma.record(300, 100)
  expect(ewma.read(10_100)).toBeCloseTo(300 / Math.E)
  ewma.record(10, 10_100)
  // What was seldom asked says little about now.
  expect(ewma.read(10_100)).toBeCloseTo(10 + 290 / Math.E)
})

it('is never outside of what was measured, never quite 0 again, and falls while nobody asks', () => {
  const samples = fc.array(fc.record({ latencyMs: fc.nat(10_000), afterMs: fc.nat(60_000) }), {
    minLength: 1,
  })
  fc.assert(
    fc.property(samples, (list) => {
      const ewma = new PeakEwma()
      let now = 0
      let peak = 0
      for (const { latencyMs, afterMs } of list) {
        now += afterMs
        ewma.record(latencyMs, now)
        peak = Math.max(peak, latencyMs, 0.001)
        expect(ewma.read(now)).toBeGreaterThanOrEqual(Math.min(latencyMs, peak) - 1e-9)
        expect(ewma.read(now)).toBeLessThanOrEqual(peak)
        expect(ewma.read(now + 1_000)).toBeLessThanOrEqual(ewma.read(now))
        expect(ewma.read(now + 1e9)).toBeGreaterThan(0)
      }
    }),
  )
})
