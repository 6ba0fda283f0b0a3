import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_WIDTHS, resultSize, snapWidth } from '../../src/index.ts'
import { requestedBox } from '../../src/images/dimensions.ts'

const limits = { widths: DEFAULT_WIDTHS, maxWidth: 1_920, maxHeight: 1_080 }
const side = fc.integer({ min: 1, max: 16_383 })
const maybe = fc.option(side, { nil: undefined })

describe('sizes', () => {
  it('are never larger than the source or the limits, and never zero', () => {
    fc.assert(
      fc.property(
        side,
        side,
        maybe,
        maybe,
        fc.constantFrom('inside', 'cover'),
        (w, h, width, height, fit) => {
          const size = resultSize({ width: w, height: h }, requestedBox({ width, height, fit }, limits))
          expect(size.width).toBeGreaterThanOrEqual(1)
          expect(size.height).toBeGreaterThanOrEqual(1)
          expect(size.width).toBeLessThanOrEqual(Math.min(w, 1_920))
          expect(size.height).toBeLessThanOrEqual(Math.min(h, 1_080))
        },
      ),
    )
  })

  it('keep the shape of the source to within a pixel', () => {
    fc.assert(
      fc.property(side, side, maybe, (w, h, width) => {
        const size = resultSize({ width: w, height: h }, requestedBox({ width }, limits))
        const exact = Math.min(size.width / w, size.height / h, 1)
        expect(Math.abs(size.width - w * exact)).toBeLessThanOrEqual(Math.max(1, w / h))
        expect(Math.abs(size.height - h * exact)).toBeLessThanOrEqual(Math.max(1, h / w))
      }),
    )
  })

  it('come from a bounded set of boxes', () => {
    const boxes = new Set<string>()
    for (let width = 1; width <= 5_000; width++) boxes.add(String(requestedBox({ width }, limits).width))
    expect(boxes.size).toBe(DEFAULT_WIDTHS.length)
    expect(snapWidth(5_000, limits)).toBe(1_920)
    expect(snapWidth(500, { ...limits, maxWidth: 600 })).toBe(600)
  })
})
