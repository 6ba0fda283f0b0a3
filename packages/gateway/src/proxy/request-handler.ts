import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { MillraceError } from '@millrace/core'
import { gatewayErrors } from '../errors.ts'
import type { BackendPool } from '../pools/pool.ts'
import type { Mirror } from '../drivers/driver.ts'
import { Router, stripPrefix } from '../routing/router.ts'
import { ANSWERED } from '../regions/regions.ts'
import { hstsOf } from '../tls/hsts.ts'
import { variantOf } from '../routing/variant.ts'
import { assign } from '../splitting/assignment.ts'
import { removeCookies } from '../splitting/cookie.ts'
import { CacheTurn } from '../caching/cache-turn.ts'
import { Exchange } from './exchange.ts'
import { isLocalHost } from './host-header.ts'
import { linger } from './linger.ts'
import { mayPipeline } from './pipelining.ts'
import { sendProblem } from './problem-response.ts'
import { mustRedirect, redirect } from './https-redirect.ts'
import type { ProxyContext } from './proxy-context.ts'
import { ProxyResponse } from './proxy-response.ts'
import type { VisitorRequest, VisitorResponse } from './visitor.ts'
import { forwardRequestHeaders, type RequestHeaders } from './request-headers.ts'
import { parseRequestTarget } from './request-target.ts'
import { awaitTunnel } from './tunnel.ts'
import { isLoopback } from './trusted-proxies.ts'

const SLASH = 47

/** Decides about each request: refuse it, or send it to a pool. */
export class RequestHandler {
  router: Router<BackendPool> = new Router([], () => undefined as never)
  readonly #context: ProxyContext

  constructor(context: ProxyContext) {
    this.#context = context
  }

  request(req: VisitorRequest, res: VisitorResponse, upgrade: boolean): void {
    let path = req.url!
    let host: string | undefined
    if (path.charCodeAt(0) !== SLASH) {
      const target = parseRequestTarget(path)
      if (target === undefined) {
        this.refuse(req, res, gatewayErrors.REQUEST_INVALID({ reason: 'the request target is not a path' }))
        return
      }
      path = target.path
      host = target.host
    }
    if (path.includes('#')) {
      this.refuse(req, res, gatewayErrors.REQUEST_INVALID({ reason: 'the request target has a fragment' }))
      return
    }
    const { limits } = this.#context.config
    if (res.socket === null && !mayPipeline(req, res, this.#context.config)) {
      res.shouldKeepAlive = false
      this.refuse(req, res, gatewayErrors.OVERLOADED({ retryAfterSeconds: 1 }))
      return
    }
    if (req.rawHeaders.length > limits.headerCount * 2) {
      const maximum = { maxBytes: limits.headerBytes, maxCount: limits.headerCount }
      this.refuse(req, res, gatewayErrors.HEADERS_TOO_LARGE(maximum))
      return
    }
    const arrival = this.#context.regions?.arrived(req, res, path)
    if (arrival === ANSWERED) return
    if (typeof arrival === 'string') {
      this.refuse(req, res, gatewayErrors.REGION_REFUSED({ reason: arrival }))
      return
    }
    const route = this.router.match(path, host ?? req.headers.host, req)
    if (route === undefined) {
      this.refuse(req, res, gatewayErrors.NO_ROUTE({}))
      return
    }
    const prefix = route.stripPrefix ? route.prefix : undefined
    const headers = forwardRequestHeaders(req, this.#context.policy, prefix, host)
    arrival?.applyTo(headers)
    if (route.loopbackOnly && !isFromThisMachine(req, headers)) {
      this.refuse(req, res, gatewayErrors.NO_ROUTE({}), headers)
      return
    }
    if (headers.problem !== undefined) {
      // Where this message ends and the next begins is in doubt.
      res.shouldKeepAlive = false
      this.refuse(req, res, gatewayErrors.REQUEST_INVALID({ reason: headers.problem }), headers)
      return
    }
    if (this.#context.redirectPort !== undefined && mustRedirect(route, path, headers)) {
      redirect(req, res, headers, path, this.#context.redirectPort)
      return
    }
    if (upgrade && headers.hasBody) {
      this.refuse(req, res, gatewayErrors.REQUEST_INVALID({ reason: 'an upgrade has no body' }), headers)
      return
    }
    if (headers.contentLength > limits.bodyBytes) {
      this.refuse(req, res, gatewayErrors.BODY_TOO_LARGE({ maxBytes: limits.bodyBytes }), headers)
      return
    }
    let limitHeaders: string[] | undefined
    if (route.entry.rateLimit !== undefined) {
      const verdict = this.#context.routeLimits.take(route.entry, route.entry.rateLimit, req, headers)
      limitHeaders = verdict.headers
      if (!verdict.allowed) {
        const { retryAfterSeconds } = verdict
        route.target.metrics.rateLimited()
        this.refuse(req, res, gatewayErrors.RATE_LIMITED({ retryAfterSeconds }), headers, limitHeaders)
        return
      }
    }
    const { ownCookies } = this.#context
    if (ownCookies !== undefined && req.headers.cookie !== undefined) removeCookies(headers.raw, ownCookies)
    // Node drops what follows an ignored upgrade in the same packet: the next request might begin in the middle.
    if (headers.upgrade && !upgrade) res.shouldKeepAlive = false
    const sent = prefix === undefined || prefix === '' ? path : stripPrefix(path, prefix)
    const { split, mirrorTo } = route
    const assigned = split && assign(split, req, headers, this.#context.policy)
    const pool = assigned === undefined ? route.target : assigned.part.target
    if (arrival === undefined && this.#context.regions?.redirectedNearer(req, res, pool) === true) return
    const exchange = new Exchange(this.#context, req, res, pool, headers, sent, upgrade)
    exchange.limitHeaders = limitHeaders
    if (arrival !== undefined) exchange.region = arrival.from
    if (assigned !== undefined) {
      exchange.split = assigned
      if (assigned.setCookie !== undefined) (exchange.setCookies ??= []).push(assigned.setCookie)
    }
    if (mirrorTo !== undefined && !upgrade) this.#mirror(exchange, route.entry.mirror!, mirrorTo)
    const { caching } = this.#context
    if (caching !== undefined && pool.caches && !upgrade && caching.concerns(req, headers, path)) {
      exchange.turn = new CacheTurn(caching, exchange, path, variantOf(route.variant, assigned?.part.variant))
    }
    exchange.start()
  }

  #mirror(exchange: Exchange, mirror: Mirror, pool: BackendPool): void {
    const { method, path, headers } = exchange
    const request = { method, path, rawHeaders: headers.raw, hasBody: headers.hasBody }
    exchange.copy = this.#context.mirrors.begin(mirror, pool, request)
  }

  /** Node has taken its parser off the socket: a response object is put there, for answers that are not a 101. */
  upgrade(req: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const res = new ProxyResponse(req)
    res.shouldKeepAlive = false
    res.assignSocket(socket)
    res.once('finish', () => socket.destroySoon())
    awaitTunnel(socket, head)
    this.request(req, res, true)
  }

  refuse(
    req: VisitorRequest,
    res: VisitorResponse,
    error: MillraceError,
    headers?: RequestHeaders,
    further?: readonly string[],
  ): void {
    if (this.#context.draining || req.headers.upgrade !== undefined) res.shouldKeepAlive = false
    linger(req)
    const hsts = hstsOf(this.#context, req)
    const own = further === undefined ? hsts : [...further, ...hsts]
    sendProblem(res, error, {
      accept: req.headers.accept,
      method: req.method!,
      requestId: headers?.requestId ?? '',
      headers: own,
    })
  }
}

/** By its connection, by what it says of others on the way, and by the name it was asked for under. */
const isFromThisMachine = (req: VisitorRequest, headers: RequestHeaders): boolean =>
  isLoopback(req.socket.remoteAddress) && !headers.forwarded && isLocalHost(headers.host)
