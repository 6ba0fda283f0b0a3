import type { GatewayInstruments } from '../pools/pool-metrics.ts'
import type { BackendPool } from '../pools/pool.ts'
import type { Exchange } from '../proxy/exchange.ts'
import { FORWARDING_NAMES } from '../proxy/header-names.ts'
import type { ForwardingPolicy } from '../proxy/request-headers.ts'
import { parseRequestTarget } from '../proxy/request-target.ts'
import type { VisitorRequest, VisitorResponse } from '../proxy/visitor.ts'
import { visitorAddress } from '../proxy/visitor-address.ts'
import { countryOf, type CountrySources } from '../routing/countries.ts'
import { SPLIT_HEADER } from '../splitting/assignment.ts'
import { regionsOf, type RegionsConfig } from './config.ts'
import { Elsewhere } from './elsewhere.ts'
import { Hop } from './hop.ts'
import type { ApplicationReport, RegionReport } from './model.ts'
import { nearestOf, regionOf } from './nearest.ts'
import { isNavigation, redirectHeaders, redirectTarget } from './redirects.ts'
import { bodyDigest, checkSigned, REGION_HEADER, REGION_PATH, sign, verify } from './signature.ts'

/** The request was a question of another gateway. */
export const ANSWERED = Symbol('answered')

export interface RegionsOptions {
  pools: () => Iterable<BackendPool>
  policy: Pick<ForwardingPolicy, 'trusted'>
  countries: CountrySources | undefined
  instruments: GatewayInstruments
  /** Requests per pool that may wait. */
  queue: number
  /** Milliseconds since the epoch. Default `Date.now`. */
  now?: () => number
}

type Configured = NonNullable<ReturnType<typeof regionsOf>>

/** Of the gateway's own, or of what it replaces: not for another region. */
const NOT_SENT: ReadonlySet<string> = new Set([...FORWARDING_NAMES, SPLIT_HEADER, REGION_HEADER])

/** One process's part in the regions: what it tells and believes of others, and what it sends them. */
export class Regions {
  readonly #config: Configured
  readonly #options: RegionsOptions
  readonly #now: () => number
  readonly #peers: string[]
  readonly #hops = new WeakMap<object, Hop>()

  constructor(config: Configured, options: RegionsOptions) {
    this.#config = config
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#peers = config.peers.map(({ name }) => name)
  }

  get returnAfterMs(): number {
    return this.#config.returnAfterMs
  }

  count(region: string, outcome: 'forwarded' | 'redirected' | 'received' | 'refused'): void {
    this.#options.instruments.regionRequests.with({ region, outcome }).add()
  }

  /**
   * Looks at a request that says it is of another gateway. Undefined: an ordinary one, as are questions that are not signed as they
   * should be. A text: why it is refused.
   */
  arrived(
    req: VisitorRequest,
    res: VisitorResponse,
    path: string,
  ): Hop | typeof ANSWERED | string | undefined {
    const said = req.headers[REGION_HEADER]
    if (said === undefined) return undefined
    const text = String(said)
    if (path === REGION_PATH) return this.#answer(res, text) ? ANSWERED : undefined
    const { secret, maxClockSkewMs } = this.#config
    const fields = verify(secret, 'hop', text)
    const expected = { peers: this.#peers, now: this.#now(), maxClockSkewMs }
    const problem = fields === undefined ? 'it is not signed by one' : checkSigned(fields, expected)
    if (fields === undefined || problem !== undefined) {
      this.count('unknown', 'refused')
      return problem!
    }
    const hop = new Hop(fields)
    this.count(hop.from, 'received')
    this.#hops.set(req, hop)
    return hop
  }

  /** The country of a visitor whose request another region forwarded. */
  countryOf(request: object): string | undefined {
    return this.#hops.get(request)?.country
  }

  #answer(res: VisitorResponse, said: string): boolean {
    const { self, secret, maxClockSkewMs } = this.#config
    const fields = verify(secret, 'health', said)
    const expected = { peers: this.#peers, now: this.#now(), maxClockSkewMs }
    if (fields === undefined || fields.to !== self || checkSigned(fields, expected) !== undefined)
      return false
    const body = JSON.stringify(this.report())
    const signature = sign(secret, 'answer', { n: fields.n ?? '', b: bodyDigest(body) })
    res.writeHead(200, [
      'content-type',
      'application/json',
      'content-length',
      String(Buffer.byteLength(body)),
      'cache-control',
      'no-store',
      REGION_HEADER,
      signature,
    ])
    res.end(body)
    return true
  }

  /** What this process sees of the applications that other regions have as well. */
  report(): RegionReport {
    const applications: Record<string, ApplicationReport> = {}
    for (const pool of this.#options.pools()) {
      if (pool.elsewhere === undefined) continue
      const now = performance.now()
      const { queued } = pool.stats()
      const up = pool.ready.filter(({ outlier }) => !outlier.isOut(now)).length
      const takes = !Elsewhere.isHelpless(pool, now) && queued <= this.#options.queue / 2
      applications[pool.name] = { up, queued, takes }
    }
    return { region: this.#config.self, now: this.#now(), applications }
  }

  /** The request as another region gets it: as the visitor sent it, with a signed word on who that is. */
  outgoing(exchange: Exchange): { path: string; headers: string[] } | undefined {
    const { req, headers } = exchange
    const path = parseRequestTarget(req.url!)?.path
    if (path === undefined) return undefined
    const { self, secret } = this.#config
    const { policy, countries } = this.#options
    const raw: string[] = []
    let host = headers.host
    for (let i = 0; i < headers.raw.length; i += 2) {
      const name = headers.raw[i]!
      if (name === 'x-forwarded-host') host = headers.raw[i + 1]
      if (!NOT_SENT.has(name.toLowerCase())) raw.push(name, headers.raw[i + 1]!)
    }
    const country = countries && countryOf(countries, req)
    const hop = {
      from: self,
      t: String(this.#now()),
      c: visitorAddress(req.socket.remoteAddress, headers, policy),
      p: headers.scheme,
      ...(host === undefined ? {} : { h: host }),
      ...(country === undefined ? {} : { k: country }),
    }
    raw.push(REGION_HEADER, sign(secret, 'hop', hop))
    return { path, headers: raw }
  }

  /** Sends the visitor to the nearest region that can answer, when that is the mode and it is a page that was asked for. */
  redirected(exchange: Exchange, pool: BackendPool): boolean {
    const { req, res, attempts } = exchange
    if (this.#config.mode !== 'redirect' || attempts > 0 || exchange.upgrade || !isNavigation(req))
      return false
    const nearest = nearestOf(pool, performance.now())
    const location = nearest === undefined ? undefined : this.#locationIn(nearest, req)
    if (nearest === undefined || location === undefined) return false
    exchange.turn?.abandon()
    exchange.turn = undefined
    exchange.settled = true
    exchange.writer.status = 307
    this.count(nearest, 'redirected')
    res.writeHead(307, redirectHeaders(location))
    res.end()
    return true
  }

  /** Sends visitors from the countries of another region there, while it can answer. */
  redirectedNearer(req: VisitorRequest, res: VisitorResponse, { elsewhere }: BackendPool): boolean {
    const { mode, peers } = this.#config
    const { countries } = this.#options
    if (mode !== 'redirect' || elsewhere === undefined || countries === undefined || !isNavigation(req))
      return false
    const country = countryOf(countries, req)
    const peer = peers.find((one) => country !== undefined && one.countries.includes(country))
    if (peer === undefined || !elsewhere.pool.ready.some((backend) => regionOf(backend) === peer.name))
      return false
    const location = this.#locationIn(peer.name, req)
    if (location === undefined) return false
    this.count(peer.name, 'redirected')
    res.writeHead(307, redirectHeaders(location))
    res.end()
    return true
  }

  #locationIn(region: string, { url }: VisitorRequest): string | undefined {
    const peer = this.#config.peers.find(({ name }) => name === region)
    const path = parseRequestTarget(url!)?.path
    if (peer === undefined || path === undefined) return undefined
    return redirectTarget(new URL(peer.publicUrl ?? peer.url).origin, path, this.#config.self)
  }
}

/** Undefined: there are no regions. */
export function createRegions(config: RegionsConfig, options: RegionsOptions): Regions | undefined {
  const configured = regionsOf(config)
  return configured && new Regions(configured, options)
}
