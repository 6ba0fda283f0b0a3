import type { Clock } from '@millrace/core'
import type { SharedRead, SharedRecord, SharedStore, Stamps } from '../drivers/driver.ts'
import type { CacheLimits } from '../options.ts'
import { within } from '../within.ts'
import type { Budget } from './budget.ts'
import type { Guard } from './guard.ts'

/** Keys in one command. */
const MAX_BATCH = 256

export interface Answer {
  record: SharedRecord | undefined
  /** Of the names asked for. */
  stamps: Stamps
}

interface Question {
  key: string
  names: readonly string[]
  resolve: (answer: Answer | undefined) => void
}

/** Puts the reads of one turn of the event loop together: under load, one command answers many requests. */
export class Reader {
  readonly #store: SharedStore
  readonly #guard: Guard
  readonly #clock: Clock
  readonly #timeoutMs: number
  #questions: Question[] = []

  constructor(store: SharedStore, guard: Guard, { clock, sharedTimeoutMs }: CacheLimits) {
    this.#store = store
    this.#guard = guard
    this.#clock = clock
    this.#timeoutMs = sharedTimeoutMs
  }

  /** Undefined: no answer. */
  async read(key: string, names: readonly string[], budget: Budget | undefined): Promise<Answer | undefined> {
    const stop = budget?.start()
    const answered = new Promise<Answer | undefined>((resolve) => {
      if (this.#questions.length === 0) setImmediate(() => void this.#ask())
      this.#questions.push({ key, names, resolve })
      if (this.#questions.length >= MAX_BATCH) void this.#ask()
    })
    // The command that it travels in has the full time; this request may have less left.
    const leftMs = budget?.leftMs ?? Infinity
    const answer =
      leftMs < this.#timeoutMs ? await within(answered, leftMs, undefined, this.#clock) : await answered
    stop?.()
    if (answer === undefined) budget?.spend()
    return answer
  }

  async readMany(
    keys: readonly string[],
    names: readonly string[],
    budget: Budget | undefined,
  ): Promise<SharedRead | undefined> {
    const read = await this.#guard.run('read', () => this.#store.read(keys, names), budget)
    return read?.value
  }

  async #ask(): Promise<void> {
    const questions = this.#questions
    if (questions.length === 0) return
    this.#questions = []
    const keys = indexed(questions.map(({ key }) => key))
    const names = indexed(questions.flatMap(({ names }) => names))
    const read = await this.readMany([...keys.keys()], [...names.keys()], undefined)
    for (const { key, names: wanted, resolve } of questions) {
      if (read === undefined) {
        resolve(undefined)
        continue
      }
      const stamps = wanted.map((name) => read.stamps[names.get(name)!] ?? 0)
      resolve({ record: read.records[keys.get(key)!], stamps: { ...read, stamps } })
    }
  }
}

/** Each text once, with its place. */
function indexed(texts: readonly string[]): Map<string, number> {
  const places = new Map<string, number>()
  for (const text of texts) if (!places.has(text)) places.set(text, places.size)
  return places
}
