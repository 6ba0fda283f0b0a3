import type { CanarySettings } from '@millrace/core'
import { quantile } from '@millrace/core/metrics'
import { excessOver, excessOverKnown, SLOWER, WORSE } from './proportions.ts'
import { countAbove, type PartSample } from './sample-window.ts'

/** So many errors are enough to judge a canary as bad, however few requests it had. */
const ERRORS_ENOUGH = 10
const QUANTILES = [0.95, 0.99] as const
/** Of the requests of the smaller part, so many must lie above a quantile for it to say anything. */
const TAIL = 5

/** What a decision was made from. */
export interface Numbers {
  stable: PartNumbers
  canary: PartNumbers
}

export interface PartNumbers {
  requests: number
  errors: number
  p95Ms?: number
  p99Ms?: number
}

export interface Verdict {
  kind: 'wait' | 'good' | 'bad'
  reason: string
  numbers: Numbers
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1e5) / 100
const percent = ({ errors, requests }: PartSample): string => `${((100 * errors) / requests).toFixed(2)} %`

function numbersOf({ requests, errors, duration }: PartSample): PartNumbers {
  const [p95, p99] = QUANTILES.map((q) => quantile(duration, q))
  return {
    requests,
    errors,
    ...(p95 === undefined ? {} : { p95Ms: milliseconds(p95) }),
    ...(p99 === undefined ? {} : { p99Ms: milliseconds(p99) }),
  }
}

/**
 * Judges a step of a canary by what both parts did in the same time.
 *
 * Bad, at any moment: its share of errors is above the stable part's by more than the margin (two-proportion z-test), or more
 * of its requests than 5 % (1 %), and than of the stable part's, take longer than the stable part's p95 (p99) with its margin
 * (sign test for a quantile; Conover, Practical Nonparametric Statistics, 3.2). One-sided at 0.1 % for errors and 0.01 % for quantiles, because it is
 * looked at again and again.
 * Good, once the step has lasted: enough requests of both, and what was measured is within the margins.
 * Otherwise it waits.
 */
export function judge(
  settings: CanarySettings,
  { stable, canary, elapsedMs }: { stable: PartSample; canary: PartSample; elapsedMs: number },
): Verdict {
  const numbers = { stable: numbersOf(stable), canary: numbersOf(canary) }
  const say = (kind: Verdict['kind'], reason: string): Verdict => ({ kind, reason, numbers })
  const enough = Math.min(canary.requests, stable.requests) >= settings.minRequests

  const proportion = (part: PartSample) => ({ of: part.requests, count: part.errors })
  const judgeable = canary.requests >= settings.minRequests || canary.errors >= ERRORS_ENOUGH
  if (judgeable && excessOver(proportion(canary), proportion(stable), settings.errorMargin) > WORSE) {
    const other = stable.requests === 0 ? 'no requests' : percent(stable)
    return say(
      'bad',
      `errors: ${percent(canary)} of ${canary.requests} requests, ${other} of the stable part`,
    )
  }

  let slower: string | undefined
  for (const q of QUANTILES) {
    const tail = Math.min(canary.requests, stable.requests) * (1 - q)
    const normal = quantile(stable.duration, q)
    const own = quantile(canary.duration, q)
    if (!enough || tail < TAIL || normal === undefined || own === undefined) continue
    const limit = normal * (1 + settings.latencyMargin) + settings.latencySlackMs / 1_000
    const slow = (part: PartSample) => ({
      of: part.duration.count,
      count: countAbove(part.duration, limit),
    })
    // The second, because the stable part's quantile is measured, too: one that stands at a gap may be below it by chance.
    const certain = Math.min(excessOverKnown(slow(canary), 1 - q), excessOver(slow(canary), slow(stable), 0))
    const name = `p${Math.round(q * 100)}`
    const what = `${name}: ${milliseconds(own)} ms, at most ${milliseconds(limit)} ms is good (${milliseconds(normal)} ms of the stable part)`
    if (certain > SLOWER) return say('bad', what)
    if (own > limit) slower ??= what
  }

  if (elapsedMs < settings.holdMs) return say('wait', 'the step has not lasted long enough')
  if (!enough) return say('wait', `fewer than ${settings.minRequests} requests of one part`)
  if (canary.errors / canary.requests - stable.errors / stable.requests > settings.errorMargin)
    return say(
      'wait',
      `errors: ${percent(canary)}, ${percent(stable)} of the stable part; that may be chance`,
    )
  if (slower !== undefined) return say('wait', `${slower}; that may be chance`)
  return say('good', 'not worse than the stable part')
}
