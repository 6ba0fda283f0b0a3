import type { MillraceError } from '@millrace/core'
import type { Backend } from './backend.ts'

/** A request that needs a backend. */
export interface Applicant {
  /** Backends that failed it already. */
  readonly tried: readonly Backend[] | undefined
  /** The one its session is with: taken when it may get requests. */
  readonly preferred: Backend | undefined
  /** The visitor has gone: it needs none any more. */
  readonly done: boolean
  /** For balancers that send what belongs together to one backend: 32 bits. Called for those only. */
  key(): number
  /** The backend counts it as in flight; `release` must follow. `now` is monotonic, in milliseconds. */
  assigned(backend: Backend, now: number): void
  refused(error: MillraceError): void
}

export interface Waiting {
  readonly applicant: Applicant
  readonly deadline: number
}

/** Requests that wait for a backend, first come first served, never more than `limit`. */
export class WaitingLine {
  readonly #limit: number
  readonly #queue: Waiting[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  get length(): number {
    return this.#queue.length
  }

  get head(): Waiting | undefined {
    return this.#queue[0]
  }

  /** False when there is no room. */
  join(applicant: Applicant, deadline: number): boolean {
    if (this.#queue.length >= this.#limit && !this.#forgetThoseWhoLeft()) return false
    this.#queue.push({ applicant, deadline })
    return true
  }

  leave(): void {
    this.#queue.shift()
  }

  /** Whether that made room. Looked at only when there is none, so that leaving costs nothing. */
  #forgetThoseWhoLeft(): boolean {
    const present = this.#queue.filter(({ applicant }) => !applicant.done)
    const gone = this.#queue.length - present.length
    if (gone > 0) this.#queue.splice(0, this.#queue.length, ...present)
    return gone > 0
  }

  /** Empties it, and returns who still waited. */
  dissolve(): Applicant[] {
    return this.#queue
      .splice(0)
      .map(({ applicant }) => applicant)
      .filter(({ done }) => !done)
  }
}
