import type { RangeResult } from '@millrace/core'
import { expect, test } from 'vitest'
import { completeSteps } from '../../src/charts/complete-steps.ts'

const result = (times: number[], stepMs = 2_000): RangeResult => ({
  metric: 'm',
  aggregate: 'rate',
  unit: '1',
  stepMs,
  resolution: 'raw',
  series: [{ labels: {}, times, values: times.map(() => 1) }],
})

test('steps that may still fill up are left out', () => {
  expect(completeSteps(result([0, 2_000, 4_000, 6_000]), 8_000).series[0]!.times).toEqual([0, 2_000])
  expect(completeSteps(result([0, 2_000]), 60_000).series[0]!.times).toEqual([0, 2_000])
})

test('the only step is kept', () => {
  expect(completeSteps(result([6_000]), 8_000).series[0]!.times).toEqual([6_000])
})

test('a long step that has run for a while is shown', () => {
  expect(completeSteps(result([0, 60_000], 60_000), 80_000).series[0]!.times).toEqual([0, 60_000])
  expect(completeSteps(result([0, 60_000], 60_000), 65_000).series[0]!.times).toEqual([0])
})
