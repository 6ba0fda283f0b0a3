import { ExponentialHistogram } from '@millrace/core/metrics'
import { fakeClock } from '@millrace/testing'
import { expect, it } from 'vitest'
import { SplitController } from '../../src/splitting/controller.ts'
import { seededRandom } from '../balancing/candidate.ts'
import { canarySettings } from './samples.ts'

interface Behaviour {
  errors: number
  seconds: () => number
}

/** What becomes of a canary with the default settings in an hour of 20 requests a second. */
async function outcome(random: () => number, stable: Behaviour, canary: Behaviour): Promise<string> {
  const clock = fakeClock()
  const parts = [
    { pool: 'old', share: 100 },
    { pool: 'new', share: 0 },
  ]
  const controller = new SplitController(
    { name: 'shop', kind: 'canary', parts, stable: 'old', canary: canarySettings() },
    clock,
    () => undefined,
  )
  const counted = [stable, canary].map((behaviour) => ({
    behaviour,
    requests: 0,
    errors: 0,
    duration: new ExponentialHistogram(),
  }))
  controller.start()
  for (let second = 0; second < 3_600 && controller.running; second += 5) {
    await clock.advance(5_000)
    for (let i = 0; i < 100; i++) {
      const part = counted[random() * 100 < controller.shares['new']! ? 1 : 0]!
      part.requests++
      if (random() < part.behaviour.errors) part.errors++
      part.duration.record(part.behaviour.seconds())
    }
    controller.observe({
      name: 'shop',
      kind: 'canary',
      parts: counted.map(({ requests, errors, duration }, at) => ({
        pool: parts[at]!.pool,
        share: 0,
        requests,
        errors,
        duration: duration.snapshot(),
      })),
    })
  }
  return controller.state.canary
}

it.each([
  ['whose requests are alike', (random: () => number) => 0.05 * Math.exp(2 * random() * random())],
  // Between hits and misses of a cache: whether p95 is the one or the other is chance in every sample.
  ['whose p95 stands at a gap', (random: () => number) => (random() < 0.06 ? 0.5 : 0.02)],
])('a canary that does what the stable part does is not rolled back: one %s', async (_what, seconds) => {
  const random = seededRandom(1)
  const same: Behaviour = { errors: 0.01, seconds: () => seconds(random) }
  const outcomes: string[] = []
  for (let i = 0; i < 60; i++) outcomes.push(await outcome(random, same, same))
  expect(outcomes.filter((state) => state === 'rolled-back').length).toBeLessThanOrEqual(1)
  expect(outcomes.filter((state) => state === 'promoted').length).toBeGreaterThan(40)
})

it('a canary with two percent more errors, or twice as slow, is never promoted', async () => {
  const random = seededRandom(2)
  const fine: Behaviour = { errors: 0.01, seconds: () => 0.02 + 0.1 * random() }
  for (let i = 0; i < 20; i++) {
    expect(await outcome(random, fine, { ...fine, errors: 0.03 })).not.toBe('promoted')
    expect(await outcome(random, fine, { ...fine, seconds: () => 0.04 + 0.2 * random() })).toBe('rolled-back')
  }
})
