import { platformConfig, type CanarySettings } from '@millrace/core'
import { ExponentialHistogram } from '@millrace/core/metrics'
import type { SplitStats } from '../../src/drivers/driver.ts'
import type { PartSample } from '../../src/splitting/sample-window.ts'

/** Counters of a part that answered as told. */
export class FakePart {
  #requests = 0
  #errors = 0
  readonly #duration = new ExponentialHistogram()

  /** `seconds` of the i-th request. */
  answer(requests: number, errors = 0, seconds: (i: number) => number = () => 0.02): void {
    this.#requests += requests
    this.#errors += errors
    for (let i = 0; i < requests; i++) this.#duration.record(seconds(i))
  }

  sample(): PartSample {
    return { requests: this.#requests, errors: this.#errors, duration: this.#duration.snapshot() }
  }
}

export const sampleOf = (requests: number, errors = 0, seconds?: (i: number) => number): PartSample => {
  const part = new FakePart()
  part.answer(requests, errors, seconds)
  return part.sample()
}

export const statsOf = (stable: FakePart, canary: FakePart): SplitStats => ({
  name: 'shop',
  kind: 'canary',
  parts: [
    { pool: 'old', share: 0, ...stable.sample() },
    { pool: 'new', share: 0, ...canary.sample() },
  ],
})

/** Of a configuration that says no more than this. */
export const canarySettings = (settings: Partial<CanarySettings> = {}): CanarySettings => {
  const { applications } = platformConfig.parse({
    applications: {
      old: {
        command: 'x',
        routes: [
          {
            path: '/',
            split: {
              name: 'shop',
              kind: 'canary',
              parts: [
                { application: 'old', share: 100 },
                { application: 'new', share: 0 },
              ],
              canary: settings,
            },
          },
        ],
      },
    },
  })
  return applications.old!.routes[0]!.split!.canary
}
