import type { BackendPool } from '../pools/pool.ts'
import type { Exchange } from '../proxy/exchange.ts'
import type { VisitorRequest } from '../proxy/visitor.ts'
import type { ForwardingPolicy, RequestHeaders } from '../proxy/request-headers.ts'
import { visitorAddress } from '../proxy/visitor-address.ts'
import { cookieValue } from './cookie.ts'
import { partAt, placeInCookie, placeOf, PLACES, type CompiledPart, type CompiledSplit } from './split.ts'

/** Where backends read which part they are. */
export const SPLIT_HEADER = 'x-millrace-split'
/** Thirty days, from the first visit. */
const COOKIE_SECONDS = 30 * 86_400

/** The part of a split that a request goes to. */
export class Assignment {
  readonly split: CompiledSplit<BackendPool>
  readonly part: CompiledPart<BackendPool>
  /** Where the request may go when a canary fails it; undefined: it stays in its part. */
  readonly fallback: BackendPool | undefined
  /** To be set, so that the visitor stays. */
  readonly setCookie: string | undefined
  /** The stable part answers in the end. */
  fellBack = false

  constructor(split: CompiledSplit<BackendPool>, place: number, setCookie: string | undefined) {
    this.split = split
    this.part = partAt(split, place)
    this.fallback = split.kind === 'canary' && this.part !== split.stable ? split.stable.target : undefined
    this.setCookie = setCookie
  }

  /** A canary answers, and the stable part would if it failed. */
  get guarding(): boolean {
    return this.fallback !== undefined && !this.fellBack
  }

  /** Nothing of the part can take a request: nobody waits for a canary. `now` is monotonic, in milliseconds. */
  unreachable(now: number): boolean {
    for (const backend of this.part.target.backends.values()) {
      if (this.part.target.admits(backend) && backend.available(now)) return false
    }
    return true
  }

  /**
   * Hands a request that the canary failed over to the stable part, once; false when there is none to hand it to. The
   * failure is the canary's, whatever comes of the request then.
   */
  leave(exchange: Exchange): boolean {
    const { fallback, split, part } = this
    if (fallback === undefined || this.fellBack) return false
    this.fellBack = true
    const seconds = (performance.now() - exchange.startedAt) / 1_000
    exchange.context.splits.part(split.name, part.pool)?.record('fallback', seconds, false)
    exchange.pool.inFlight--
    exchange.pool = fallback
    fallback.inFlight++
    fallback.requests++
    // What the stable part answers is not to be kept as the canary's.
    exchange.turn?.abandon()
    exchange.turn = undefined
    exchange.session = fallback.affinity?.begin(exchange.req.headers.cookie)
    exchange.outgoing = relabelled(exchange.headers.raw, part.label, split.stable.label)
    exchange.forward()
    return true
  }
}

const relabelled = (raw: readonly string[], from: string, to: string): string[] =>
  raw.map((text, at) => (text === from && raw[at - 1] === SPLIT_HEADER ? to : text))

/** What stays the same for a visitor who keeps no cookies. */
const visitorText = (name: string, address: string | undefined, agent: string | undefined): string =>
  `${name}\n${address ?? ''}\n${agent ?? ''}`

/**
 * The place of a request: in its cookie, or by a hash of its address and browser where there is none yet; at random where the
 * split has no cookie.
 */
export function placeOfRequest(
  { name, cookie }: Pick<CompiledSplit<unknown>, 'name' | 'cookie'>,
  headers: VisitorRequest['headers'],
  address: string | undefined,
): { place: number; from: 'cookie' | 'hash' | 'chance' } {
  if (cookie === undefined) return { place: Math.floor(Math.random() * PLACES), from: 'chance' }
  const known = placeInCookie(cookieValue(headers.cookie, cookie))
  if (known !== undefined) return { place: known, from: 'cookie' }
  return { place: placeOf(visitorText(name, address, headers['user-agent'])), from: 'hash' }
}

/** Chooses a part, tells the backend, and says what has to be set in the answer. */
export function assign(
  split: CompiledSplit<BackendPool>,
  req: VisitorRequest,
  headers: RequestHeaders,
  policy: ForwardingPolicy,
): Assignment {
  const { cookie } = split
  const address = cookie === undefined ? undefined : visitorAddress(req.socket.remoteAddress, headers, policy)
  const { place, from } = placeOfRequest(split, req.headers, address)
  const secure = headers.scheme === 'https' ? '; Secure' : ''
  const setCookie =
    from === 'hash'
      ? `${cookie}=${place}; Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Lax${secure}`
      : undefined
  const assignment = new Assignment(split, place, setCookie)
  headers.raw.push(SPLIT_HEADER, assignment.part.label)
  return assignment
}
