import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONNECTIONS_ONLY, Outlier } from '../../src/pools/outlier.ts'

const SETTINGS = { consecutiveFailures: 3, maxEjectedShare: 0.5, baseEjectMs: 1_000, maxEjectMs: 4_000 }

describe('outlier detection', () => {
  it('wants a backend out after so many failures in a row', () => {
    const outlier = new Outlier(SETTINGS)
    expect([outlier.failed(false), outlier.failed(false)]).toEqual([false, false])
    outlier.answered(0)
    expect([outlier.failed(false), outlier.failed(false), outlier.failed(false)]).toEqual([
      false,
      false,
      true,
    ])
  })

  it('one failed connection is enough, with or without settings', () => {
    expect(new Outlier(SETTINGS).failed(true)).toBe(true)
    expect(new Outlier(CONNECTIONS_ONLY).failed(true)).toBe(true)
    const outlier = new Outlier(CONNECTIONS_ONLY)
    for (let i = 0; i < 1_000; i++) expect(outlier.failed(false)).toBe(false)
  })

  it('each time longer, up to the limit; forgotten at the same pace while it answers', () => {
    const outlier = new Outlier(SETTINGS)
    const out: number[] = []
    let now = 0
    for (let i = 0; i < 5; i++) {
      outlier.failed(true)
      out.push(outlier.eject(now, false))
      now = outlier.ejectedUntil
    }
    expect(out).toEqual([1_000, 2_000, 3_000, 4_000, 4_000])
    expect(outlier.isOut(now - 1)).toBe(true)
    expect(outlier.isOut(now)).toBe(false)
    outlier.answered(now)
    // Two of the five are forgotten.
    expect(outlier.eject(now + 2_500, false)).toBe(4_000)
    outlier.answered(outlier.ejectedUntil)
    expect(outlier.eject(outlier.ejectedUntil + 100_000, false)).toBe(1_000)
  })

  it('an answer disproves a failed connection, and not a series of failures', () => {
    const outlier = new Outlier(SETTINGS)
    outlier.failed(true)
    outlier.eject(0, true)
    outlier.answered(10)
    expect(outlier.isOut(11)).toBe(false)
    outlier.failed(false)
    outlier.eject(20, false)
    outlier.answered(30)
    expect(outlier.isOut(31)).toBe(true)
  })

  it('is never out longer than stated, nor troubled without a failure', () => {
    const event = fc.record({ kind: fc.constantFrom('answer', 'connect', 'reset'), afterMs: fc.nat(3_000) })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (list) => {
        const outlier = new Outlier(SETTINGS)
        let now = 0
        let failures = 0
        for (const { kind, afterMs } of list) {
          now += afterMs
          if (kind === 'answer') outlier.answered(now)
          else if (outlier.failed(kind === 'connect')) outlier.eject(now, kind === 'connect')
          if (kind !== 'answer') failures++
          expect(outlier.ejectedUntil - now).toBeLessThanOrEqual(4_000)
          expect(outlier.isOut(now) && failures === 0).toBe(false)
        }
      }),
    )
  })
})
