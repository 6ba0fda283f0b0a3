import { keepWithin, touch } from './bounded.ts'

export interface SequenceModelOptions {
  /** How often a successor must have been seen. Default 3. */
  minSupport?: number
  /** How often it must have been the next one, of all times its predecessor was read. Default 0.4. */
  minConfidence?: number
  /** Two reads that are farther apart do not follow one another. Default 2 minutes. */
  maxGapMs?: number
  /** Keys with successors that are remembered. Default 10,000. */
  maxKeys?: number
  /** Visitors of whom the last key is remembered. Default 10,000. */
  maxActors?: number
}

interface State {
  /** How often it was followed by anything. */
  total: number
  next: Map<string, number>
}

export interface Prediction {
  key: string
  confidence: number
}

/** Of one key. */
const MAX_SUCCESSORS = 8
/** Counts are halved when they reach it, so that the model follows what changes. */
const MAX_TOTAL = 256

/**
 * What is read next: a first-order Markov chain over the keys that one visitor reads one after another. Successors of a key
 * are counted with the Misra–Gries scheme (1982), which may count too few and never too many: what does not repeat
 * never reaches the thresholds. Bounded in memory, pure.
 */
export class SequenceModel {
  readonly #options: Required<SequenceModelOptions>
  readonly #states = new Map<string, State>()
  readonly #last = new Map<string, { key: string; at: number }>()

  constructor(options: SequenceModelOptions = {}) {
    this.#options = {
      minSupport: options.minSupport ?? 3,
      minConfidence: options.minConfidence ?? 0.4,
      maxGapMs: options.maxGapMs ?? 120_000,
      maxKeys: options.maxKeys ?? 10_000,
      maxActors: options.maxActors ?? 10_000,
    }
  }

  get size(): number {
    return this.#states.size
  }

  /** `at`: monotonic milliseconds. */
  observe(actor: string, key: string, at: number): void {
    const last = this.#last.get(actor)
    touch(this.#last, actor, { key, at })
    keepWithin(this.#last, this.#options.maxActors, (value) => value.at)
    if (last === undefined || last.key === key || at - last.at > this.#options.maxGapMs) return
    this.#count(last.key, key)
  }

  /** What probably follows, the most probable first. */
  predict(key: string): Prediction[] {
    const state = this.#states.get(key)
    if (state === undefined) return []
    const { minSupport, minConfidence } = this.#options
    const predictions: Prediction[] = []
    for (const [successor, count] of state.next) {
      const confidence = count / state.total
      if (count >= minSupport && confidence >= minConfidence) predictions.push({ key: successor, confidence })
    }
    return predictions.sort((a, b) => b.confidence - a.confidence)
  }

  #count(from: string, to: string): void {
    const state = this.#states.get(from) ?? { total: 0, next: new Map<string, number>() }
    touch(this.#states, from, state)
    keepWithin(this.#states, this.#options.maxKeys, ({ total }) => total)
    state.total++
    const count = state.next.get(to)
    if (count !== undefined || state.next.size < MAX_SUCCESSORS) state.next.set(to, (count ?? 0) + 1)
    else {
      for (const [other, count] of state.next) {
        if (count > 1) state.next.set(other, count - 1)
        else state.next.delete(other)
      }
    }
    if (state.total >= MAX_TOTAL) halve(state)
  }
}

function halve(state: State): void {
  state.total = Math.ceil(state.total / 2)
  for (const [key, count] of state.next) {
    if (count > 1) state.next.set(key, Math.floor(count / 2))
    else state.next.delete(key)
  }
}
