import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { curveScale } from '../../src/charts/curve-scale.ts'

const points = [
  { x: 0.25, y: 0.4 },
  { x: 1, y: 0.7 },
  { x: 4, y: 0.8 },
]

test('sizes stand on a scale of powers of two, ratios on one from zero', () => {
  const scale = curveScale(points, 400, 200)
  expect(scale.x(0.25)).toBe(scale.left)
  expect(scale.x(4)).toBe(scale.right)
  expect(scale.x(1)).toBeCloseTo((scale.left + scale.right) / 2)
  expect(scale.y(0)).toBe(scale.bottom)
  expect(scale.yTicks).toEqual([0, 0.25, 0.5, 0.75, 1])
})

test('small ratios get a scale of their own', () => {
  expect(curveScale([{ x: 1, y: 0.03 }], 400, 200).yTicks).toEqual([0, 0.01, 0.02, 0.03])
  expect(curveScale([{ x: 1, y: 0 }], 400, 200).yTicks).toEqual([0, 0.01])
})

test('every point is inside the picture', () => {
  const point = fc.record({
    x: fc.constantFrom(0.25, 0.5, 1, 2, 4),
    y: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(point, { minLength: 1 }), fc.integer({ min: 120, max: 2_000 }), (curve, width) => {
      const scale = curveScale(curve, width, 200)
      for (const { x, y } of curve) {
        expect(scale.x(x)).toBeGreaterThanOrEqual(scale.left)
        expect(scale.x(x)).toBeLessThanOrEqual(scale.right + 1e-6)
        expect(scale.y(y)).toBeGreaterThanOrEqual(scale.top - 1e-6)
        expect(scale.y(y)).toBeLessThanOrEqual(scale.bottom)
      }
    }),
  )
})
