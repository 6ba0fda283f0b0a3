import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CircuitBreaker } from '../../src/drivers/driver.ts'
import { Circuit } from '../../src/pools/circuit.ts'
import { SlidingWindow } from '../../src/pools/sliding-window.ts'

const SETTINGS: CircuitBreaker = {
  errorRatio: 0.5,
  minRequests: 10,
  windowMs: 1_000,
  openMs: 5_000,
  steps: [10, 50, 100],
}

/** Answers one after the other, a millisecond apart. Returns the time after them. */
function answers(circuit: Circuit, count: number, failed: boolean, now: number): number {
  for (let i = 0; i < count; i++) circuit.record(failed, now + i)
  return now + count
}

function opened(now = 0): Circuit {
  const circuit = new Circuit(SETTINGS)
  answers(circuit, 10, true, now)
  expect(circuit.state).toBe('open')
  return circuit
}

describe('a circuit', () => {
  it('opens when enough answers of the window failed, and not before', () => {
    const circuit = new Circuit(SETTINGS)
    answers(circuit, 9, true, 0)
    expect(circuit.state).toBe('closed')
    expect(circuit.record(true, 9)).toBe(true)
    expect(circuit).toMatchObject({ state: 'open', admitted: 0, nextAt: 5_009 })
  })

  it('stays closed below the ratio, and forgets what is older than the window', () => {
    const circuit = new Circuit(SETTINGS)
    let now = answers(circuit, 30, false, 0)
    now = answers(circuit, 20, true, now)
    expect(circuit.state).toBe('closed')
    // The successes are forgotten with the failures.
    answers(circuit, 9, true, now + 1_100)
    expect(circuit.state).toBe('closed')
  })

  it('recovers in steps, each for a window', () => {
    const circuit = opened()
    expect(circuit.tick(5_008)).toBe(false)
    expect(circuit.tick(5_009)).toBe(true)
    expect(circuit).toMatchObject({ state: 'recovering', admitted: 0.1, nextAt: 6_009 })
    answers(circuit, 3, false, 5_500)
    expect(circuit.tick(6_009)).toBe(true)
    expect(circuit).toMatchObject({ state: 'recovering', admitted: 0.5 })
    expect(circuit.tick(7_009)).toBe(true)
    expect(circuit).toMatchObject({ state: 'recovering', admitted: 1 })
    expect(circuit.tick(8_009)).toBe(true)
    expect(circuit).toMatchObject({ state: 'closed', admitted: 1, nextAt: Infinity })
  })

  it('a recovery that fails opens it for twice as long, up to sixteen times', () => {
    const circuit = opened()
    const waits: number[] = []
    for (let i = 0; i < 7; i++) {
      const now = circuit.nextAt
      circuit.tick(now)
      // A tenth of the traffic: one failure is as much as ten before.
      expect(circuit.record(true, now)).toBe(true)
      waits.push(circuit.nextAt - now)
    }
    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 80_000, 80_000, 80_000])
  })

  it('after a whole recovery the backoff begins anew', () => {
    const circuit = opened()
    circuit.tick(circuit.nextAt)
    circuit.record(true, circuit.nextAt - 900)
    for (let i = 0; i < 4; i++) circuit.tick(circuit.nextAt)
    expect(circuit.state).toBe('closed')
    answers(circuit, 10, true, 1_000_000)
    expect(circuit.nextAt).toBe(1_005_009)
  })

  it('a bad answer among few fails the step at its end', () => {
    const circuit = opened()
    circuit.tick(5_009)
    circuit.tick(6_009)
    expect(circuit.admitted).toBe(0.5)
    answers(circuit, 2, true, 6_100)
    expect(circuit.state).toBe('recovering')
    circuit.tick(7_009)
    expect(circuit.state).toBe('open')
  })

  it('what was in flight when it opened changes nothing', () => {
    const circuit = opened()
    answers(circuit, 100, true, 100)
    expect(circuit.nextAt).toBe(5_009)
  })
})

it('whatever comes, a circuit is in one of its states, opens only with reason, and always finds back', () => {
  const events = fc.array(fc.record({ failed: fc.boolean(), afterMs: fc.nat(400) }), { maxLength: 400 })
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 20 }), (list, minRequests) => {
      const circuit = new Circuit({ ...SETTINGS, minRequests })
      let now = 0
      for (const { failed, afterMs } of list) {
        now += afterMs
        const before = circuit.state
        circuit.tick(now)
        const changed = circuit.record(failed, now)
        expect(!changed || (circuit.state === 'open' && failed)).toBe(true)
        expect([0, 0.1, 0.5, 1]).toContain(circuit.admitted)
        expect(circuit.admitted === 0).toBe(circuit.state === 'open')
        expect(circuit.nextAt === Infinity).toBe(circuit.state === 'closed')
        expect(before !== 'closed' || circuit.state === 'closed' || failed).toBe(true)
      }
      for (let i = 0; i < 4; i++) circuit.tick(circuit.nextAt)
      expect(circuit.state).toBe('closed')
    }),
  )
})

it('the window counts what a list of the last ten tenths would', () => {
  const events = fc.array(fc.record({ failed: fc.boolean(), afterMs: fc.nat(700) }), { maxLength: 200 })
  fc.assert(
    fc.property(events, (list) => {
      const window = new SlidingWindow(1_000)
      const all: { at: number; failed: boolean }[] = []
      let now = 0
      for (const { failed, afterMs } of list) {
        now += afterMs
        window.record(failed, now)
        all.push({ at: Math.floor(now / 100), failed })
        const recent = all.filter(({ at }) => at > Math.floor(now / 100) - 10)
        expect(window.requests).toBe(recent.length)
        expect(window.failures).toBe(recent.filter((one) => one.failed).length)
      }
    }),
  )
})
