import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClientRate } from '../../src/limits/client-rate.ts'

describe('a rate limit per client', () => {
  it('allows the burst at once, then one whenever the rate has made room', () => {
    const rate = new ClientRate({ perSecond: 10, burst: 3 })
    expect(rate.policy).toBe('"client";q=3;w=1')
    expect(rate.take('a', 0)).toEqual({ allowed: true, remaining: 2, resetMs: expect.closeTo(100) })
    expect(rate.take('a', 0)).toMatchObject({ allowed: true, remaining: 1 })
    expect(rate.take('a', 0)).toMatchObject({ allowed: true, remaining: 0 })
    expect(rate.take('a', 0)).toEqual({ allowed: false, remaining: 0, resetMs: expect.closeTo(100) })
    expect(rate.take('a', 99)).toMatchObject({ allowed: false, resetMs: expect.closeTo(1) })
    expect(rate.take('a', 100)).toMatchObject({ allowed: true, remaining: 0 })
    expect(rate.take('b', 100)).toMatchObject({ allowed: true, remaining: 2 })
  })

  it('never allows more than burst + rate × time, and never refuses who keeps to the rate', () => {
    const pauses = fc.array(fc.nat(400), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(
        pauses,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        (list, perSecond, burst) => {
          const rate = new ClientRate({ perSecond, burst })
          let now = 0
          let allowed = 0
          for (const pause of list) {
            now += pause
            const verdict = rate.take('a', now)
            if (verdict.allowed) allowed++
            expect(verdict.allowed || verdict.remaining === 0).toBe(true)
            expect(allowed).toBeLessThanOrEqual(burst + (now * perSecond) / 1_000 + 1e-6)
          }
          const patient = new ClientRate({ perSecond, burst })
          for (let i = 0; i < 100; i++)
            expect(patient.take('a', i * (1_000 / perSecond) + 1e-6 * i).allowed).toBe(true)
        },
      ),
    )
  })

  it('what it says remains, remains; what it says about the time is so', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.integer({ min: 1, max: 20 }), fc.nat(5_000), (taken, burst, now) => {
        const rate = new ClientRate({ perSecond: 7, burst })
        let last = rate.take('a', 0)
        for (let i = 0; i < taken; i++) last = rate.take('a', now)
        const { remaining, resetMs } = last
        const at = taken === 0 ? 0 : now
        for (let i = 0; i < remaining; i++) expect(rate.take('a', at).allowed).toBe(true)
        expect(rate.take('a', at).allowed).toBe(false)
        expect(rate.take('a', at + resetMs + 1e-3).allowed).toBe(true)
      }),
    )
  })

  it('is shared out over processes, at least one request each', () => {
    const rate = new ClientRate({ perSecond: 10, burst: 2 }, 4)
    expect(rate.take('a', 0).allowed).toBe(true)
    expect(rate.take('a', 399).allowed).toBe(false)
    expect(rate.take('a', 400).allowed).toBe(true)
  })

  it('remembers so many clients, and forgets the one that asked longest ago', () => {
    const rate = new ClientRate({ perSecond: 0.001, burst: 1 }, 1, 3)
    for (const client of ['a', 'b', 'c']) rate.take(client, 0)
    expect(rate.take('a', 1).allowed).toBe(false)
    rate.take('d', 2)
    expect(rate.clients).toBe(3)
    expect(rate.take('a', 3).allowed).toBe(false)
    // The one forgotten.
    expect(rate.take('b', 4).allowed).toBe(true)
  })
})
