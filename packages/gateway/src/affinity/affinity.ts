import type { StickySessions } from '../drivers/driver.ts'
import type { Backend } from '../pools/backend.ts'
import { isShared } from '../proxy/shared-response.ts'
import { cookieValues } from '../splitting/cookie.ts'
import { SessionCookie, type SessionClaim } from './session-cookie.ts'

/** Values of the cookie that are looked at: each costs a signature. */
const MAX_VALUES = 4

/** The pool whose visitors keep their backend. */
export interface StickyPool {
  readonly name: string
  readonly backends: ReadonlyMap<string, Backend>
  /** Whether a session may stay with the backend, when that is not full. */
  admits(backend: Backend): boolean
}

/**
 * Sticky sessions of one pool by a signed cookie. Nothing is kept about visitors: any worker, and one that has just
 * started, reads the same from the cookie.
 *
 * A session stays with its backend as long as that may get requests. When it is drained, gone, down, or left out because
 * it fails, the session moves to another with its next request, and gets a new cookie. When it is only full, the one
 * request goes to another and the session stays: nobody waits for a session.
 */
export class Affinity {
  readonly settings: StickySessions
  readonly #pool: StickyPool
  readonly #cookie: SessionCookie
  readonly #now: () => number
  readonly #tags = new Map<string, string>()

  /** `now`: milliseconds since the epoch. */
  constructor(settings: StickySessions, pool: StickyPool, now: () => number = Date.now) {
    this.settings = settings
    this.#pool = pool
    this.#now = now
    this.#cookie = new SessionCookie(settings, pool.name)
  }

  /** The pool's backends may be others now. */
  refresh(): void {
    this.#tags.clear()
    for (const id of this.#pool.backends.keys()) this.#tags.set(this.#cookie.tagOf(id), id)
  }

  /** `cookies`: the request's, as they came. */
  begin(cookies: string | undefined): Session {
    const claim = this.#claim(cookies)
    const id = claim && this.#tags.get(claim.tag)
    const backend = id === undefined ? undefined : this.#pool.backends.get(id)
    return new Session(this, backend, claim === undefined || claim.ageMs > this.settings.maxAgeMs / 2)
  }

  /** Of the first valid one: what another put before it under the same name must not end the session. */
  #claim(cookies: string | undefined): SessionClaim | undefined {
    for (const value of cookieValues(cookies, this.settings.cookieName, MAX_VALUES)) {
      const claim = this.#cookie.read(value, this.#now())
      if (claim !== undefined) return claim
    }
    return undefined
  }

  has(backend: Backend): boolean {
    return this.#pool.backends.get(backend.id) === backend
  }

  /** Whether it is not the session's any more, rather than without a free place for the moment. */
  left(backend: Backend): boolean {
    return !this.#pool.admits(backend) || backend.outlier.isOut(performance.now())
  }

  header(backend: Backend, secure: boolean): string {
    return this.#cookie.header(this.#cookie.tagOf(backend.id), this.#now(), secure)
  }
}

/** One request's place in a session. */
export class Session {
  readonly #affinity: Affinity
  /** The one that its cookie names, if it is still there. */
  readonly backend: Backend | undefined
  /** The cookie is missing, not valid, or more than half through its time. */
  readonly #renew: boolean

  constructor(affinity: Affinity, backend: Backend | undefined, renew: boolean) {
    this.#affinity = affinity
    this.backend = backend
    this.#renew = renew
  }

  /**
   * Adds Set-Cookie to a response of `served` when the visitor needs another cookie. Not to what shared caches may store:
   * they would give one visitor's session to all.
   */
  settle(raw: string[], served: Backend, { method, secure }: { method: string; secure: boolean }): void {
    // A canary that failed left the request to another pool, which has sessions of its own.
    if (!this.#affinity.has(served)) return
    if (
      this.backend === served
        ? !this.#renew
        : this.backend !== undefined && !this.#affinity.left(this.backend)
    ) {
      return
    }
    if ((method === 'GET' || method === 'HEAD') && isShared(raw)) return
    raw.push('set-cookie', this.#affinity.header(served, secure))
  }
}
