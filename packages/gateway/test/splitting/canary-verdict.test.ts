import { describe, expect, it } from 'vitest'
import { judge } from '../../src/splitting/canary-verdict.ts'
import { canarySettings, sampleOf } from './samples.ts'

/** The same numbers in every run. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe('a step of a canary', () => {
  const settings = canarySettings({ holdMs: 60_000, minRequests: 100 })
  const after = (stable: [number, number?], canary: [number, number?], elapsedMs = 60_000) =>
    judge(settings, { stable: sampleOf(...stable), canary: sampleOf(...canary), elapsedMs })

  it('is good when it has lasted, both had enough requests, and nothing is worse', () => {
    expect(after([10_000, 100], [200, 2])).toMatchObject({
      kind: 'good',
      numbers: { canary: { requests: 200, errors: 2 } },
    })
    expect(after([10_000], [200], 59_999)).toMatchObject({
      kind: 'wait',
      reason: expect.stringContaining('long enough'),
    })
    expect(after([10_000], [99])).toMatchObject({
      kind: 'wait',
      reason: expect.stringContaining('100 requests'),
    })
    expect(after([99], [10_000])).toMatchObject({ kind: 'wait' })
    expect(after([0], [0])).toMatchObject({ kind: 'wait' })
  })

  it('is bad at any moment when its errors are more for certain', () => {
    expect(after([10_000, 10], [200, 20], 1_000)).toMatchObject({
      kind: 'bad',
      reason: expect.stringContaining('10.00 %'),
    })
    // Everything fails: ten requests are enough.
    expect(after([500], [10, 10], 1_000)).toMatchObject({ kind: 'bad' })
    expect(after([500], [9, 9], 1_000)).toMatchObject({ kind: 'wait' })
    // Both fail alike: that is not the canary.
    expect(after([10_000, 5_000], [200, 100], 1_000)).toMatchObject({ kind: 'wait' })
    expect(after([10_000, 5_000], [200, 100])).toMatchObject({ kind: 'good' })
  })

  it('waits when it looks worse and that may be chance', () => {
    expect(after([10_000, 100], [100, 3])).toMatchObject({
      kind: 'wait',
      reason: expect.stringContaining('chance'),
    })
  })

  it('is bad when it is slower than the margin allows', () => {
    const slow = (share: number, seconds: number) => (i: number) => (i % 100 < share ? seconds : 0.02)
    const compare = (stable: (i: number) => number, canary: (i: number) => number, requests = 1_000) =>
      judge(settings, {
        stable: sampleOf(5_000, 0, stable),
        canary: sampleOf(requests, 0, canary),
        elapsedMs: 60_000,
      })
    const normal = slow(0, 0)
    expect(compare(normal, normal)).toMatchObject({ kind: 'good' })
    expect(compare(normal, slow(20, 0.5))).toMatchObject({
      kind: 'bad',
      reason: expect.stringMatching(/^p95/),
    })
    expect(compare(normal, slow(3, 0.5))).toMatchObject({
      kind: 'bad',
      reason: expect.stringMatching(/^p99/),
    })
    // Both have slow requests.
    expect(compare(slow(20, 0.5), slow(20, 0.5))).toMatchObject({ kind: 'good' })
    // Slower, and within the margin: 20 ms, a quarter of it, and 10 ms.
    expect(compare(normal, () => 0.03)).toMatchObject({ kind: 'good' })
    expect(compare(normal, () => 0.06)).toMatchObject({ kind: 'bad' })
    // Too few to say anything about the slowest hundredth.
    expect(compare(normal, slow(3, 0.5), 200)).toMatchObject({ kind: 'good' })
  })

  it('is rarely bad by chance, although it is looked at every second for ten minutes', () => {
    const random = generator(1)
    let bad = 0
    for (let run = 0; run < 300; run++) {
      const stable = { requests: 0, errors: 0 }
      const canary = { requests: 0, errors: 0 }
      const add = (part: typeof stable, requests: number): void => {
        part.requests += requests
        for (let i = 0; i < requests; i++) if (random() < 0.02) part.errors++
      }
      const strict = canarySettings({ errorMargin: 0 })
      for (let second = 1; second <= 600; second += 1) {
        add(stable, 20)
        add(canary, 2)
        const empty = sampleOf(0).duration
        const verdict = judge(strict, {
          stable: { ...stable, duration: empty },
          canary: { ...canary, duration: empty },
          elapsedMs: 0,
        })
        if (verdict.kind === 'bad') {
          bad++
          break
        }
      }
    }
    // With no margin at all; the default one of a percentage point makes it rarer still.
    expect(bad / 300).toBeLessThan(0.05)
  })
})
