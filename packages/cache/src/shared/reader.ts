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
  /** How long the store took, milliseconds: what this process did before it asked is not the store's fault. */
  tookMs: number
}

interface StampQuestion {
  names: readonly string[]
  resolve: (answer: { stamps: Stamps; tookMs: number } | undefined) => void
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
  readonly #ask = (): void => void this.#askAll()
  readonly #askStamps = (): void => void this.#askForStamps()
  #questions: Question[] = []
  #stampQuestions: StampQuestion[] = []

  constructor(store: SharedStore, guard: Guard, { clock, sharedTimeoutMs }: CacheLimits) {
    this.#store = store
    this.#guard = guard
    this.#clock = clock
    this.#timeoutMs = sharedTimeoutMs
  }

  /** Undefined: no answer. The names of many reads are best the same array: then nothing is sorted out between them. */
  read(key: string, names: readonly string[], budget: Budget | undefined): Promise<Answer | undefined> {
    const answered = new Promise<Answer | undefined>((resolve) => {
      if (this.#questions.length === 0) setImmediate(this.#ask)
      this.#questions.push({ key, names, resolve })
      if (this.#questions.length >= MAX_BATCH) this.#ask()
    })
    return budget === undefined ? answered : this.#within(budget, answered)
  }

  /** The stamps alone; what the answers to one command raise as further questions travels together, too. */
  async stamps(names: readonly string[], budget: Budget): Promise<Stamps | undefined> {
    const answered = new Promise<Parameters<StampQuestion['resolve']>[0]>((resolve) => {
      if (this.#stampQuestions.length === 0) queueMicrotask(this.#askStamps)
      this.#stampQuestions.push({ names, resolve })
    })
    return (await this.#within(budget, answered))?.stamps
  }

  async #within<Result extends { tookMs: number }>(
    budget: Budget,
    answered: Promise<Result | undefined>,
  ): Promise<Result | undefined> {
    const { leftMs } = budget
    // The command that it travels in has the full time; this request may have less left.
    const answer =
      leftMs < this.#timeoutMs ? await within(answered, leftMs, undefined, this.#clock) : await answered
    if (answer === undefined) budget.spend()
    else budget.took(answer.tookMs)
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

  async #askForStamps(): Promise<void> {
    const questions = this.#stampQuestions
    this.#stampQuestions = []
    const places = placesOf(questions)
    const startedAt = this.#clock.monotonic()
    const read = await this.#guard.run('stamps', () => this.#store.stamps([...places.keys()]))
    const tookMs = this.#clock.monotonic() - startedAt
    for (const { names, resolve } of questions) {
      resolve(read && { stamps: pick(read.value, names, places), tookMs })
    }
  }

  async #askAll(): Promise<void> {
    const questions = this.#questions
    if (questions.length === 0) return
    this.#questions = []
    const first = questions[0]!.names
    const places = questions.every(({ names }) => names === first) ? undefined : placesOf(questions)
    const keys = questions.map(({ key }) => key)
    const startedAt = this.#clock.monotonic()
    const read = await this.readMany(keys, places === undefined ? first : [...places.keys()], undefined)
    const tookMs = this.#clock.monotonic() - startedAt
    for (let i = 0; i < questions.length; i++) {
      const { names, resolve } = questions[i]!
      if (read === undefined) resolve(undefined)
      else {
        const stamps = places === undefined ? read : pick(read, names, places)
        resolve({ record: read.records[i], stamps, tookMs })
      }
    }
  }
}

/** Each name once, with its place. */
function placesOf(questions: readonly { names: readonly string[] }[]): Map<string, number> {
  const places = new Map<string, number>()
  for (const { names } of questions) {
    for (const name of names) if (!places.has(name)) places.set(name, places.size)
  }
  return places
}

/** The stamps of those names. */
function pick(read: Stamps, names: readonly string[], places: ReadonlyMap<string, number>): Stamps {
  const stamps = names.map((name) => read.stamps[places.get(name)!] ?? 0)
  return { version: read.version, floor: read.floor, stamps }
}
