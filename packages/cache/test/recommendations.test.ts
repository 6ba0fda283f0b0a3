import { recommendationSchema } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { cacheRecommendations, type CurveSnapshot } from '../src/recommendations.ts'

const MIB = 1_048_576
const snapshot = (changes: Partial<CurveSnapshot['caches'][number]>): CurveSnapshot => ({
  caches: [
    { service: 'shop', samples: 5_000, maxBytes: 64 * MIB, half: 0.7, now: 0.75, twice: 0.76, ...changes },
  ],
})

describe('cacheRecommendations', () => {
  it('advises more memory when twice as much brings clearly more hits', () => {
    const [advice, ...others] = cacheRecommendations(snapshot({ twice: 0.95 }))
    expect(others).toEqual([])
    expect(recommendationSchema.parse(advice)).toEqual(advice)
    expect(advice).toMatchObject({
      id: 'cache.grow.shop',
      severity: 'warning',
      why: expect.stringContaining(
        '95.0 % of the reads would hit instead of 75.0 %, which spares 80.0 % of the loads',
      ),
      evidence: expect.arrayContaining([
        expect.objectContaining({ value: 64 * MIB, target: 128 * MIB, unit: 'By' }),
        expect.objectContaining({ value: 0.95, source: expect.stringContaining('scale="2"') }),
      ]),
    })
  })

  it('advises less memory when half of it loses next to nothing', () => {
    const [advice] = cacheRecommendations(snapshot({ half: 0.748, twice: 0.751 }))
    expect(recommendationSchema.parse(advice)).toEqual(advice)
    expect(advice).toMatchObject({
      id: 'cache.shrink.shop',
      severity: 'info',
      impact: { estimate: '32 MiB per process' },
    })
  })

  it.each([
    ['the memory is about right', {}],
    ['too little was read', { samples: 900, twice: 0.95 }],
    ['nothing is known', { now: null, half: null, twice: null }],
  ])('says nothing when %s', (_why, changes) => {
    expect(cacheRecommendations(snapshot(changes))).toEqual([])
  })

  it('is surer with more samples, and never certain', () => {
    const confidence = (samples: number): number =>
      cacheRecommendations(snapshot({ samples, twice: 0.9 }))[0]!.impact.confidence
    expect(confidence(2_000)).toBeLessThan(confidence(10_000))
    expect(confidence(10_000_000)).toBeLessThan(1)
  })
})
