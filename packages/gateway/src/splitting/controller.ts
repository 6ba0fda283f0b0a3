import type { CanarySettings, Clock } from '@millrace/core'
import type { SplitKind, SplitPart, SplitStats } from '../drivers/driver.ts'
import { gatewayErrors } from '../errors.ts'
import { judge, type Numbers, type Verdict } from './canary-verdict.ts'
import { PairWindow } from './sample-window.ts'
import type { SplitDecision, SplitState } from './split-state.ts'

const MAX_DECISIONS = 50
const RECENT_MS = 30_000

/** A split as it is configured. */
export interface ConfiguredSplit {
  name: string
  kind: SplitKind
  parts: readonly SplitPart[]
  /** The pool that has the route. */
  stable: string
  canary: CanarySettings
}

type Shares = Record<string, number>

/** What is decided about one split, by hand and by itself. It changes nothing but its own state: `shares` says what is to be. */
export class SplitController {
  readonly split: ConfiguredSplit
  readonly #clock: Clock
  readonly #decided: (decision: SplitDecision) => void
  readonly #step = new PairWindow()
  /** The last half minute at most: what went well for hours does not hide what goes wrong now. */
  readonly #recent = new PairWindow()
  #recentSince = 0
  #state: SplitState
  #since: number
  #verdict: Verdict | undefined = undefined

  /** `saved`: of an earlier process. A step that it was in begins anew, because what was counted is gone. */
  constructor(
    split: ConfiguredSplit,
    clock: Clock,
    decided: (decision: SplitDecision) => void,
    saved?: SplitState,
  ) {
    this.split = split
    this.#clock = clock
    this.#decided = decided
    this.#since = clock.monotonic()
    const pools = split.parts.map(({ pool }) => pool)
    const { kind, stable } = split
    const same =
      saved !== undefined &&
      saved.kind === kind &&
      (saved.stable ?? stable) === stable &&
      saved.pools.join() === pools.join()
    this.#state = same
      ? { ...saved, stable }
      : { kind, pools, stable, canary: 'idle', step: 0, decisions: [] }
    // Fewer steps are configured than when it was saved.
    this.#state.step = Math.min(this.#state.step, split.canary.steps.length - 1)
  }

  get state(): SplitState {
    return this.#state
  }

  get running(): boolean {
    return this.#state.canary === 'running'
  }

  /** In percent, by pool. */
  get shares(): Shares {
    return this.#state.shares ?? Object.fromEntries(this.split.parts.map(({ pool, share }) => [pool, share]))
  }

  /** The last look at a canary that is running. */
  get verdict(): Verdict | undefined {
    return this.running ? this.#verdict : undefined
  }

  get elapsedMs(): number {
    return this.#clock.monotonic() - this.#since
  }

  get #own(): string {
    return this.split.parts.find(({ pool }) => pool !== this.split.stable)!.pool
  }

  #canaryShares(share: number): Shares {
    return { [this.split.stable]: Math.round((100 - share) * 100) / 100, [this.#own]: share }
  }

  #decide(
    decision: SplitDecision['decision'],
    by: SplitDecision['by'],
    reason: string,
    change: Partial<Omit<SplitState, 'decisions'>>,
    numbers?: Numbers,
  ): SplitDecision {
    const from = this.shares
    const { decisions } = this.#state
    const record: SplitDecision = {
      sequence: (decisions.at(-1)?.sequence ?? 0) + 1,
      at: this.#clock.now(),
      decision,
      by,
      from,
      to: change.shares ?? from,
      reason,
      ...(numbers === undefined ? {} : { numbers }),
    }
    this.#state = { ...this.#state, ...change, decisions: [...decisions, record].slice(-MAX_DECISIONS) }
    this.#begin()
    this.#decided(record)
    return record
  }

  /** Whatever is measured from now on belongs to the present shares. */
  #begin(): void {
    this.#since = this.#clock.monotonic()
    this.#recentSince = this.#since
    this.#step.reset()
    this.#recent.reset()
    this.#verdict = undefined
  }

  #only(kind: SplitKind): void {
    if (this.split.kind !== kind)
      throw gatewayErrors.SPLIT_REFUSED({
        split: this.split.name,
        reason: `it is ${this.split.kind}, not ${kind}`,
      })
  }

  #refuse(reason: string): never {
    throw gatewayErrors.SPLIT_REFUSED({ split: this.split.name, reason })
  }

  /** Begins with the first step, or goes on with the one at which it was paused. */
  start(reason = 'started by hand'): SplitDecision {
    this.#only('canary')
    const { canary } = this.#state
    if (canary === 'running') this.#refuse('the canary is running already')
    if (canary === 'paused') return this.#decide('resume', 'operator', reason, { canary: 'running' })
    const [first] = this.split.canary.steps
    const done = first === 100
    const shares = this.#canaryShares(first!)
    return this.#decide(done ? 'promote' : 'start', 'operator', reason, {
      canary: done ? 'promoted' : 'running',
      step: 0,
      shares,
    })
  }

  /** Everything to the canary, whatever its step. */
  promote(reason = 'promoted by hand'): SplitDecision {
    this.#only('canary')
    if (this.#state.canary === 'promoted') this.#refuse('the canary is promoted already')
    return this.#promote('operator', reason)
  }

  #promote(by: SplitDecision['by'], reason: string, numbers?: Numbers): SplitDecision {
    const step = this.split.canary.steps.length - 1
    return this.#decide(
      'promote',
      by,
      reason,
      { canary: 'promoted', step, shares: this.#canaryShares(100) },
      numbers,
    )
  }

  /** Nothing to the canary; what had everything before, in blue-green. */
  rollback(reason = 'rolled back by hand'): SplitDecision {
    if (this.split.kind === 'blue-green') {
      const { previous } = this.#state
      return previous === undefined ? this.#refuse('nothing was switched') : this.switchTo(previous, reason)
    }
    this.#only('canary')
    return this.#rollBack('operator', reason)
  }

  #rollBack(by: SplitDecision['by'], reason: string, numbers?: Numbers): SplitDecision {
    return this.#decide(
      'rollback',
      by,
      reason,
      { canary: 'rolled-back', step: 0, shares: this.#canaryShares(0) },
      numbers,
    )
  }

  /** It stays at its step, and is not judged, until it is started again. */
  pause(reason = 'paused by hand'): SplitDecision {
    this.#only('canary')
    if (!this.running) this.#refuse('the canary is not running')
    return this.#decide('pause', 'operator', reason, { canary: 'paused' })
  }

  /** Everything to one part. What had it before is kept for `rollback`. */
  switchTo(pool: string, reason = 'switched by hand'): SplitDecision {
    this.#only('blue-green')
    const { shares } = this
    if (shares[pool] === undefined)
      this.#refuse(`'${pool}' is not one of its parts: ${Object.keys(shares).join(', ')}`)
    const previous = Object.keys(shares).find((name) => shares[name] === 100)
    if (previous === pool) this.#refuse(`'${pool}' has everything already`)
    return this.#decide('switch', 'operator', reason, {
      ...(previous === undefined ? {} : { previous }),
      shares: Object.fromEntries(Object.keys(shares).map((name) => [name, name === pool ? 100 : 0])),
    })
  }

  /** What the engine has counted. Decides, if it is time to. */
  observe(stats: SplitStats): void {
    if (!this.running) return
    const stable = stats.parts.find(({ pool }) => pool === this.split.stable)
    const canary = stats.parts.find(({ pool }) => pool === this.#own)
    if (stable === undefined || canary === undefined) return
    this.#step.add(stable, canary)
    this.#recent.add(stable, canary)
    const { canary: settings } = this.split
    const of = (window: PairWindow): Verdict =>
      judge(settings, { ...window.total, elapsedMs: this.elapsedMs })
    const recent = of(this.#recent)
    const verdict = recent.kind === 'bad' ? recent : of(this.#step)
    this.#verdict = verdict
    this.#turnRecent()
    if (verdict.kind === 'wait') return
    if (verdict.kind === 'bad') {
      this.#rollBack('controller', verdict.reason, verdict.numbers)
      return
    }
    const step = this.#state.step + 1
    const share = settings.steps[step]
    if (share === undefined || share === 100) this.#promote('controller', verdict.reason, verdict.numbers)
    else
      this.#decide(
        'advance',
        'controller',
        verdict.reason,
        { step, shares: this.#canaryShares(share) },
        verdict.numbers,
      )
  }
  #turnRecent(): void {
    if (this.#clock.monotonic() - this.#recentSince < RECENT_MS) return
    this.#recentSince = this.#clock.monotonic()
    this.#recent.turn()
  }
}
