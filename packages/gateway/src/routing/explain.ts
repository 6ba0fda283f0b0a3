import type { BackendPool } from '../pools/pool.ts'
import { isLocalHost } from '../proxy/host-header.ts'
import type { ProxyContext } from '../proxy/proxy-context.ts'
import type { VisitorRequest } from '../proxy/visitor.ts'
import { forwardRequestHeaders, type RequestHeaders } from '../proxy/request-headers.ts'
import { parseRequestTarget } from '../proxy/request-target.ts'
import { isLoopback } from '../proxy/trusted-proxies.ts'
import { visitorAddress } from '../proxy/visitor-address.ts'
import { placeOfRequest, SPLIT_HEADER } from '../splitting/assignment.ts'
import { removeCookies } from '../splitting/cookie.ts'
import { partAt } from '../splitting/split.ts'
import { countryOf } from './countries.ts'
import type { Explanation, ExplainRequest } from './explain-model.ts'
import { stripPrefix, type Route, type Router } from './router.ts'
import { variantOf } from './variant.ts'

type Described = { req: VisitorRequest; path: string; host: string | undefined }

/** The request as Node would have it. The body is not there: only its announced length counts. */
function describe({ url, method, headers, client }: ExplainRequest): Described | undefined {
  const target = parseRequestTarget(url)
  if (target === undefined) return undefined
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  lower.host ??= target.host ?? 'localhost'
  const req = {
    method,
    headers: lower,
    rawHeaders: Object.entries(lower).flat(),
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    socket: { remoteAddress: client, encrypted: /^https:/i.test(url) },
  }
  return { req: req as unknown as VisitorRequest, path: target.path, host: target.host }
}

/** Decides about a request with what decides about real ones, and writes down what it decided. Sends and counts nothing. */
export function explain(
  request: ExplainRequest,
  router: Router<BackendPool>,
  context: ProxyContext,
): Explanation {
  const described = describe(request)
  const nothing = {
    request: { method: request.method, host: null, path: request.url, client: request.client, country: null },
    candidates: [],
    split: null,
    mirror: null,
    pool: null,
    cache: { asked: false, why: 'no route', key: null },
    sent: null,
  }
  if (described === undefined)
    return { ...nothing, outcome: '400: the URL is neither a path nor an address with http or https' }
  const { req, path, host } = described
  const { policy, countries, config, ownCookies } = context
  const candidates: Explanation['candidates'] = []
  const trace = ({ entry }: Route<BackendPool>, lost: string | undefined): void =>
    void candidates.push({
      host: entry.host ?? '*',
      prefix: entry.prefix,
      application: entry.pool,
      lost: lost ?? null,
    })
  const route = router.match(path, host ?? req.headers.host, req, trace)
  const country = countries === undefined ? null : (countryOf(countries, req) ?? null)
  const prefix = route?.stripPrefix === true ? route.prefix : undefined
  const headers = forwardRequestHeaders(req, policy, prefix, host)
  if (ownCookies !== undefined) removeCookies(headers.raw, ownCookies)
  const client = visitorAddress(request.client, headers, policy)
  const seen = {
    ...nothing,
    request: { method: request.method, host: headers.host ?? null, path, client, country },
    candidates,
  }
  if (route === undefined) return { ...seen, outcome: '404: no route matches' }
  const local = isLoopback(request.client) && !headers.forwarded && isLocalHost(headers.host)
  if (route.loopbackOnly && !local) return { ...seen, outcome: '404: the route is for this machine only' }
  if (headers.problem !== undefined) return { ...seen, outcome: `400: ${headers.problem}` }
  if (headers.contentLength > config.limits.bodyBytes)
    return { ...seen, outcome: `413: the body is larger than ${config.limits.bodyBytes} bytes` }

  const split = splitOf(route, req, client)
  const target = split?.target ?? route.target
  if (split !== null) headers.raw.push(SPLIT_HEADER, split.label)
  const pool = poolOf(target, route, headers, req)
  const takers = pool.backends.filter(({ takesRequests }) => takesRequests).length
  const { mirror } = route.entry
  const elsewhere = target.elsewhere?.would(performance.now())
  return {
    ...seen,
    outcome:
      elsewhere !== undefined
        ? `no instance of ${target.name} can answer here: forwarded to the region ${elsewhere}`
        : takers > 0
          ? `forwarded to ${target.name}: ${takers} of ${pool.backends.length} instances take requests`
          : split?.fallback !== undefined
            ? `no instance of the canary ${target.name} takes requests: forwarded to ${split.fallback}`
            : `waits for an instance of ${target.name}, then 503`,
    split: split && split.shown,
    mirror: mirror === undefined ? null : { application: mirror.pool, share: mirror.share },
    pool,
    cache: cacheOf(context, target, req, headers, path, variantOf(route.variant, split?.variant)),
    sent: {
      path: prefix === undefined || prefix === '' ? path : stripPrefix(path, prefix),
      headers: Object.fromEntries(
        headers.raw.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), headers.raw[at + 1]!]] : [])),
      ),
    },
  }
}

function splitOf({ split }: Route<BackendPool>, req: VisitorRequest, client: string) {
  if (split === undefined) return null
  const { place, from } = placeOfRequest(split, req.headers, client)
  const part = partAt(split, place)
  const shares = Object.fromEntries(split.parts.map(({ pool, share }) => [pool, share]))
  return {
    target: part.target,
    label: part.label,
    variant: part.variant,
    fallback: split.kind === 'canary' && part !== split.stable ? split.stable.pool : undefined,
    shown: { name: split.name, kind: split.kind, part: part.pool, place, placeFrom: from, shares },
  }
}

function poolOf(
  pool: BackendPool,
  { entry: { rateLimit } }: Route<BackendPool>,
  headers: RequestHeaders,
  req: VisitorRequest,
): NonNullable<Explanation['pool']> {
  const { name, balance, queued, backends } = pool.stats()
  const session = pool.affinity?.begin(req.headers.cookie)
  const now = performance.now()
  return {
    name,
    balance,
    queued,
    sticky:
      pool.affinity === undefined
        ? null
        : session?.backend === undefined
          ? 'no session yet: the balancer chooses'
          : `the session is with ${session.backend.id}`,
    rateLimit:
      rateLimit === undefined
        ? null
        : `${rateLimit.perSecond} a second, ${rateLimit.burst} at once, by ${rateLimit.by ?? 'client'}; over all workers`,
    backends: backends.map(({ id, state, ejected, circuit, inFlight }) => {
      const backend = pool.backends.get(id)!
      const takesRequests = pool.admits(backend) && backend.available(now)
      const why =
        state !== 'up'
          ? state
          : ejected
            ? 'left out because it failed requests'
            : circuit === 'open'
              ? 'its circuit is open'
              : takesRequests
                ? circuit === 'recovering'
                  ? 'recovering'
                  : 'up'
                : 'at its limit'
      return { id, takesRequests, why, inFlight }
    }),
  }
}

function cacheOf(
  { caching }: ProxyContext,
  pool: BackendPool,
  req: VisitorRequest,
  headers: RequestHeaders,
  path: string,
  variant: string | undefined,
): Explanation['cache'] {
  const no = (why: string): Explanation['cache'] => ({ asked: false, why, key: null })
  if (caching === undefined) return no('there is no HTTP cache')
  if (!pool.caches) return no('it is off for this application')
  if (!caching.concerns(req, headers, path))
    return no('the path is excluded, or the request is not for a cache')
  const key = { scheme: headers.scheme, host: headers.host!, target: path, variant: variant ?? null }
  return { asked: true, why: 'what the response and Cache-Control allow is answered from it', key }
}
