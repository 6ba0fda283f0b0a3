import type { Clock } from '@millrace/core'

/** A clock that moves only when told. */
export interface FakeClock extends Clock {
  /** Moves both clocks on, firing every timer that falls due, in order, and letting what it wakes run. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock back or forth, as NTP does; the monotonic one and all timers stay. */
  jump(ms: number): void
  /** Sleeps and intervals that have not been fired, aborted or stopped. */
  readonly pending: number
}

interface Timer {
  at: number
  order: number
  fire: () => void
}

/** Starts at `now`, by default 2026-01-01T00:00:00Z; `monotonic()` starts at 0. */
export function fakeClock(options: { now?: number } = {}): FakeClock {
  let wallOffset = options.now ?? Date.UTC(2026, 0, 1)
  let elapsed = 0
  let order = 0
  const timers = new Set<Timer>()
  const add = (at: number, fire: () => void): Timer => {
    const timer = { at, order: order++, fire }
    timers.add(timer)
    return timer
  }
  return {
    now: () => wallOffset + elapsed,
    monotonic: () => elapsed,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason as Error)
          return
        }
        const onAbort = (): void => {
          timers.delete(timer)
          reject(signal?.reason as Error)
        }
        const timer = add(elapsed + Math.max(0, ms), () => {
          timers.delete(timer)
          signal?.removeEventListener('abort', onAbort)
          resolve()
        })
        signal?.addEventListener('abort', onAbort, { once: true })
      }),
    every: (ms, run) => {
      // A period of 0 would never let `advance` return; Node clamps it to 1 ms as well.
      const period = Math.max(1, ms)
      const timer = add(elapsed + period, () => {
        timer.at += period
        timer.order = order++
        run()
      })
      return () => void timers.delete(timer)
    },
    async advance(ms) {
      const target = elapsed + ms
      await settle()
      for (;;) {
        const due = next(timers, target)
        if (due === undefined) break
        elapsed = due.at
        due.fire()
        await settle()
      }
      elapsed = target
    },
    jump: (ms) => void (wallOffset += ms),
    get pending() {
      return timers.size
    },
  }
}

function next(timers: ReadonlySet<Timer>, until: number): Timer | undefined {
  let first: Timer | undefined
  for (const timer of timers) {
    if (timer.at > until) continue
    if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
      first = timer
  }
  return first
}

/** Lets promise chains run to where they wait for time or for the outside: a turn of the event loop. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
