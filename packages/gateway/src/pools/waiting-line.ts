import type { MillraceError } from '@millrace/core'
import { gatewayErrors } from '../errors.ts'
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

interface Waiting {
  readonly applicant: Applicant
  readonly deadline: number
}

/** Who gives backends out. */
export interface Provider {
  /** Who may get requests, those included that may not at the moment. */
  readonly ready: readonly Backend[]
  choose(applicant: Applicant, now: number): Backend | undefined
  assign(applicant: Applicant, backend: Backend, now: number): void
}

/** Requests that wait for a backend, first come first served, never more than `limit`, each for `timeoutMs` at most. */
export class WaitingLine {
  readonly #provider: Provider
  readonly #limit: number
  readonly #timeoutMs: number
  readonly #queue: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  /** Since when no backend could be reached; undefined while one can. */
  unreachableSince: number | undefined

  constructor(provider: Provider, limit: number, timeoutMs: number) {
    this.#provider = provider
    this.#limit = limit
    this.#timeoutMs = timeoutMs
  }

  get length(): number {
    return this.#queue.length
  }

  /** Or is refused with 503. */
  join(applicant: Applicant, now: number): void {
    // Nobody is made to wait for what has not come back in the time anyone would wait.
    const hopeless = this.unreachableSince !== undefined && now - this.unreachableSince > this.#timeoutMs
    if (hopeless) this.#refuse(applicant)
    else if (this.#queue.length >= this.#limit && !this.#forgetThoseWhoLeft()) {
      applicant.refused(gatewayErrors.OVERLOADED({ retryAfterSeconds: this.#retryAfterSeconds }))
    } else {
      this.#queue.push({ applicant, deadline: now + this.#timeoutMs })
      // A timer that is set stays: it may be due, and only late.
      if (this.#timer === undefined) this.#arm(now)
    }
  }

  get #retryAfterSeconds(): number {
    return Math.max(1, Math.ceil(this.#timeoutMs / 1_000))
  }

  #refuse(applicant: Applicant): void {
    const error = gatewayErrors[this.unreachableSince === undefined ? 'OVERLOADED' : 'UNAVAILABLE']
    applicant.refused(error({ retryAfterSeconds: this.#retryAfterSeconds }))
  }

  /** Whether that made room. Looked at only when there is none, so that leaving costs nothing. */
  #forgetThoseWhoLeft(): boolean {
    const present = this.#queue.filter(({ applicant }) => !applicant.done)
    const gone = this.#queue.length - present.length
    if (gone > 0) this.#queue.splice(0, this.#queue.length, ...present)
    return gone > 0
  }

  /** Lets those go that find a backend now, and refuses those who have waited long enough. */
  pump(): void {
    const now = performance.now()
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      const { applicant, deadline } = head
      const backend = applicant.done ? undefined : this.#provider.choose(applicant, now)
      if (backend === undefined && !applicant.done && now < deadline) break
      this.#queue.shift()
      if (backend !== undefined) this.#provider.assign(applicant, backend, now)
      else if (!applicant.done) this.#refuse(applicant)
    }
    this.#arm(now)
  }

  /** Wakes at the first deadline or return of a backend; a freed place wakes it sooner. */
  #arm(now: number): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const head = this.#queue[0]
    if (head === undefined) return
    let wakeAt = head.deadline
    for (const { notBefore } of this.#provider.ready) {
      if (notBefore > now && notBefore < wakeAt) wakeAt = notBefore
    }
    this.#timer = setTimeout(() => this.pump(), Math.max(1, wakeAt - now))
  }

  /** Refuses everyone. */
  close(): void {
    clearTimeout(this.#timer)
    for (const { applicant } of this.#queue.splice(0)) {
      if (!applicant.done) applicant.refused(gatewayErrors.UNAVAILABLE({ retryAfterSeconds: 1 }))
    }
  }
}
