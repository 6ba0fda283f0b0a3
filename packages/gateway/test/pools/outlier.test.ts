import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONNECTIONS_ONLY, Outlier } from '../../src/pools/outlier.ts'

const SETTINGS = { consecutiveFailures: 3, maxEjectedShare: 0.5, baseEjectMs: 1_000, maxEjectMs: 4_000 }

/** Ejects it for long, and returns for how long. */
function ejectLong(outlier: Outlier, now: number): number {
  outlier.eject(now, 'long')
  return outlier.ejectedUntil - now
}

describe('outlier detection', () => {
  it('wants a backend out after so many failures in a row', () => {
    const outlier = new Outlier(SETTINGS)
    const fail = () => outlier.failed(false)
    expect([fail(), fail()]).toEqual([undefined, undefined])
    outlier.answered(0)
    expect([fail(), fail(), fail()]).toEqual([undefined, undefined, 'long'])
  })

  it('a failed connection is enough for a brief while, longer each time; an answer disproves it', () => {
    const outlier = new Outlier(CONNECTIONS_ONLY)
    const out: number[] = []
    let now = 0
    for (let i = 0; i < 25; i++) {
      expect(outlier.failed(true)).toBe('briefly')
      outlier.eject(now, 'briefly')
      out.push(outlier.ejectedUntil - now)
      now = outlier.ejectedUntil
    }
    expect(out.slice(0, 4)).toEqual([250, 500, 750, 1_000])
    expect(out.slice(19)).toEqual(Array(6).fill(5_000))
    outlier.failed(true)
    outlier.eject(now, 'briefly')
    expect(outlier.isOut(now + 1)).toBe(true)
    outlier.answered(now + 1)
    expect(outlier.isOut(now + 1)).toBe(false)
    for (let i = 0; i < 1_000; i++) expect(outlier.failed(false)).toBeUndefined()
  })

  it('failed connections in a row count like other failures', () => {
    const outlier = new Outlier(SETTINGS)
    const fail = () => outlier.failed(true)
    expect([fail(), fail(), fail()]).toEqual(['briefly', 'briefly', 'long'])
  })

  it('each time longer, up to the limit; forgotten at the same pace while it answers', () => {
    const outlier = new Outlier(SETTINGS)
    const out: number[] = []
    let now = 0
    for (let i = 0; i < 5; i++) {
      out.push(ejectLong(outlier, now))
      now = outlier.ejectedUntil
    }
    expect(out).toEqual([1_000, 2_000, 3_000, 4_000, 4_000])
    expect(outlier.isOut(now - 1)).toBe(true)
    expect(outlier.isOut(now)).toBe(false)
    outlier.answered(now)
    // Two of the five are forgotten.
    expect(ejectLong(outlier, now + 2_500)).toBe(4_000)
    outlier.answered(outlier.ejectedUntil)
    expect(ejectLong(outlier, outlier.ejectedUntil + 100_000)).toBe(1_000)
  })

  it('late answers do not disprove a series of failures, nor does a failed connection shorten it', () => {
    const outlier = new Outlier(SETTINGS)
    outlier.eject(0, 'long')
    outlier.answered(10)
    outlier.failed(true)
    outlier.eject(20, 'briefly')
    outlier.answered(30)
    expect(outlier.isOutLong(999)).toBe(true)
    expect(outlier.isOut(1_000)).toBe(false)
  })

  it('is never out longer than stated, nor without a failure', () => {
    const event = fc.record({ kind: fc.constantFrom('answer', 'connect', 'reset'), afterMs: fc.nat(3_000) })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (list) => {
        const outlier = new Outlier(SETTINGS)
        let now = 0
        let failures = 0
        for (const { kind, afterMs } of list) {
          now += afterMs
          const how = kind === 'answer' ? undefined : outlier.failed(kind === 'connect')
          if (kind === 'answer') outlier.answered(now)
          else failures++
          if (how !== undefined) outlier.eject(now, how)
          expect(outlier.ejectedUntil - now).toBeLessThanOrEqual(4_000)
          expect(outlier.isOut(now) && failures === 0).toBe(false)
          // Whoever is out is looked at when it answers.
          expect(outlier.isOut(now) && !outlier.troubled).toBe(false)
        }
      }),
    )
  })
})
