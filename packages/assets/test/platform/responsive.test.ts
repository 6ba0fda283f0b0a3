import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_WIDTHS } from '../../src/index.ts'
import { layoutWidths } from '../../src/platform/responsive.ts'

describe('layoutWidths', () => {
  it('takes steps worth choosing between', () => {
    expect(layoutWidths(DEFAULT_WIDTHS, 1_920)).toEqual([128, 256, 384, 640, 800, 1_080, 1_600, 1_920])
    expect(layoutWidths(DEFAULT_WIDTHS, 1_200)).toEqual([128, 256, 384, 640, 800, 1_200])
    expect(layoutWidths(DEFAULT_WIDTHS, 100)).toEqual([128])
    expect(layoutWidths([16, 32], 500)).toEqual([500])
  })

  it('ends with the width that holds the limit, and steps up to it', () => {
    const ladders = fc.uniqueArray(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(ladders, fc.integer({ min: 1, max: 4_000 }), (ladder, maxWidth) => {
        const widths = layoutWidths(ladder, maxWidth)
        expect(widths.length).toBeGreaterThan(0)
        for (const [i, width] of widths.slice(1).entries())
          expect(width).toBeGreaterThanOrEqual(widths[i]! * 1.2)
      }),
    )
  })
})
