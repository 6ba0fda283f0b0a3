import { STATUS_CODES } from 'node:http'
import { constants } from 'node:zlib'
import type { HttpCacheAnswer } from '@millrace/core'
import type { Dispatcher } from 'undici'
import { createCompressor, feed, type Compressor } from './compression.ts'
import { learnHints } from '../early-hints/early-hints.ts'
import type { Exchange } from './exchange.ts'
import { isTrailerField } from './header-names.ts'
import { limitSilence } from './pipelining.ts'
import { onResponseDrain } from './proxy-response.ts'
import { forwardResponseHeaders } from './response-headers.ts'
import { addHsts } from '../tls/hsts.ts'
import { isShared } from './shared-response.ts'
import type { VisitorRequest } from './visitor.ts'

/** Bytes up to which copying a body is cheaper than writing head and body apart. */
const SMALL_BODY = 8_192

const PRINTABLE = /^[\t\x20-\x7e\x80-\xff]*$/

/** The visitor's half of an exchange: head, body in either form, trailers, back-pressure. */
export class ResponseWriter {
  readonly #exchange: Exchange
  status = 0
  /** Of the body as the backend sent it. */
  bytes = 0
  #contentLength = -1
  #started = false
  #ended = false
  #listening = false
  #compressor: Compressor | undefined = undefined
  #flushKind = 0
  #flushPlanned = false

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  head(
    controller: Dispatcher.DispatchController,
    status: number,
    reason: string | undefined,
    received: readonly (Buffer | string)[],
  ): void {
    const { res, req, context, method, upgrade } = this.#exchange
    const { raw, contentLength, coding, contentType } = forwardResponseHeaders(received, {
      method,
      status,
      acceptEncoding: req.headers['accept-encoding'] as string | undefined,
      trailers: isCurrent(req),
      compression: context.config.compression,
      via: context.policy.via,
    })
    this.status = status
    this.#contentLength = contentLength
    const { hints } = this.#exchange.pool
    if (hints !== undefined) learnHints(this.#exchange, hints, status, contentType, raw)
    if (context.draining || upgrade) res.shouldKeepAlive = false
    if (this.#exchange.setCookies !== undefined) pushCookies(raw, this.#exchange.setCookies)
    addOwn(raw, this.#exchange)
    if (context.hsts !== undefined) addHsts(raw, context.hsts, req)
    if (reason !== undefined && reason !== STATUS_CODES[status] && PRINTABLE.test(reason)) {
      res.writeHead(status, reason, raw)
    } else {
      res.writeHead(status, raw)
    }
    if (coding !== undefined) {
      this.#flushKind = coding === 'br' ? constants.BROTLI_OPERATION_FLUSH : constants.Z_SYNC_FLUSH
      this.#compress(controller, createCompressor(coding, context.config.compression))
    }
    planFlush(this)
  }

  #compress(controller: Dispatcher.DispatchController, compressor: Compressor): void {
    const { res } = this.#exchange
    this.#compressor = compressor
    compressor.on('drain', () => {
      this.#exchange.turn?.caughtUp()
      limitSilence(this.#exchange.req, this.#exchange.context.config)
      controller.resume()
    })
    compressor.on('error', (error) => {
      this.#exchange.context.logger.error({ err: error }, 'a response could not be compressed')
      res.destroy()
    })
    feed(compressor, res)
  }

  data(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { res } = this.#exchange
    this.bytes += chunk.length
    this.#started = true
    if (this.#compressor !== undefined) {
      if (!this.#compressor.write(chunk)) this.#wait(controller, chunk)
      if (this.#contentLength === -1 && !this.#flushPlanned) {
        this.#flushPlanned = true
        planFlush(this)
      }
    } else if (this.bytes === this.#contentLength) {
      // The last byte: head, body and end leave in one write when all of it is here.
      this.#ended = true
      // As text, Node joins it to the head, and one small write costs the kernel little more than half of a writev.
      if (chunk.length <= SMALL_BODY && chunk.length === this.bytes)
        res.end(chunk.toString('latin1'), 'latin1')
      else res.end(chunk)
    } else if (!res.write(chunk)) {
      if (!this.#listening) {
        this.#listening = true
        res.on('drain', onResponseDrain)
      }
      this.#wait(controller, chunk)
    }
  }

  /** The visitor is behind. */
  #wait(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { req, context, turn } = this.#exchange
    // What is being stored must not come at the pace of whoever asked first.
    if (turn?.mayReadAhead(chunk.length) !== true) controller.pause()
    // A visitor who stops reading holds a backend's connection: not for longer than this.
    const held = req.stream ?? req.socket
    held.setTimeout(context.config.timeouts.idleMs)
  }

  /** A complete answer of the cache: compressed, if the visitor takes it, in a form that is kept for the next. */
  answer({ status, rawHeaders, body }: HttpCacheAnswer): void {
    const { res, req, context, method } = this.#exchange
    const { raw, coding } = forwardResponseHeaders(rawHeaders, {
      method,
      status,
      acceptEncoding: req.headers['accept-encoding'] as string | undefined,
      trailers: false,
      compression: context.config.compression,
      via: context.policy.via,
    })
    this.status = status
    this.bytes = body?.length ?? 0
    if (context.draining) res.shouldKeepAlive = false
    if (this.#exchange.setCookies !== undefined) pushCookies(raw, this.#exchange.setCookies)
    if (this.#exchange.limitHeaders !== undefined) raw.push(...this.#exchange.limitHeaders)
    if (context.hsts !== undefined) addHsts(raw, context.hsts, req)
    if (coding === undefined || body === undefined) {
      res.writeHead(status, raw)
      this.#endWith(body)
      return
    }
    const form = context.caching?.encoded.get(body, coding)
    if (form === undefined) {
      res.writeHead(status, raw)
      this.#compressor = createCompressor(coding, context.config.compression)
      feed(this.#compressor, res)
      this.#compressor.end(body)
    } else if (form instanceof Promise) {
      form.then(
        (made) => {
          if (!this.#exchange.done) this.#answerEncoded(status, raw, made)
        },
        () => this.destroy(),
      )
    } else {
      this.#answerEncoded(status, raw, form)
    }
  }

  #answerEncoded(status: number, raw: string[], form: Buffer): void {
    raw.push('content-length', String(form.length))
    this.#exchange.res.writeHead(status, raw)
    this.#endWith(form)
  }

  #endWith(body: Buffer | undefined): void {
    const { res } = this.#exchange
    this.#ended = true
    if (body === undefined || body.length === 0) res.end()
    else if (body.length <= SMALL_BODY) res.end(body.toString('latin1'), 'latin1')
    else res.end(body)
  }

  end(trailers: Buffer[] | null): void {
    const { res } = this.#exchange
    if (this.#ended) return
    this.#ended = true
    if (trailers !== null && trailers.length > 0 && res.chunkedEncoding) addTrailers(this.#exchange, trailers)
    if (this.#compressor !== undefined) this.#compressor.end()
    else res.end()
  }

  information(status: number, received: Buffer[]): void {
    const { res, req } = this.#exchange
    if (!isCurrent(req) || res.headersSent || this.#exchange.upgrade) return
    if (status === 102) {
      res.writeProcessing()
    } else if (status === 103) {
      const link: string[] = []
      for (let i = 0; i < received.length; i += 2) {
        if (received[i]!.toString('latin1').toLowerCase() === 'link')
          link.push(received[i + 1]!.toString('latin1'))
      }
      try {
        if (link.length > 0) res.writeEarlyHints({ link })
      } catch (error) {
        this.#exchange.context.logger.debug({ err: error }, 'early hints of a backend were not valid')
      }
    }
  }

  /** Sends what waits for company that did not come. Called after the backend's present bytes were handled. */
  flush(): void {
    this.#flushPlanned = false
    if (this.#ended || this.#exchange.done) return
    if (!this.#started) {
      // Nothing of the body yet: an event stream's visitor waits for the head.
      this.#exchange.res.flushHeaders()
    } else if (this.#compressor !== undefined) {
      this.#compressor.flush(this.#flushKind)
    }
  }

  /** Ends the visitor's connection in the middle, so that a part is never taken for the whole. */
  destroy(): void {
    this.abandon()
    this.#exchange.res.destroy()
  }

  abandon(): void {
    this.#ended = true
    this.#compressor?.destroy()
  }
}

/** HTTP/1.1 or later: what HTTP/1.0 does not know may be sent. */
const isCurrent = (req: VisitorRequest): boolean => req.httpVersionMinor === 1 || req.httpVersionMajor > 1

/** What the gateway itself adds to a backend's answer. */
export function addOwn(raw: string[], { session, servedBy, method, headers, limitHeaders }: Exchange): void {
  if (session !== undefined) session.settle(raw, servedBy!, { method, secure: headers.scheme === 'https' })
  if (limitHeaders !== undefined) raw.push(...limitHeaders)
}

function pushCookies(raw: string[], cookies: readonly string[]): void {
  if (isShared(raw)) return
  for (const cookie of cookies) raw.push('set-cookie', cookie)
}

function addTrailers(exchange: Exchange, trailers: Buffer[]): void {
  const pairs: [string, string][] = []
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i]!.toString('latin1')
    if (isTrailerField(name)) pairs.push([name, trailers[i + 1]!.toString('latin1')])
  }
  try {
    exchange.res.addTrailers(pairs)
  } catch (error) {
    exchange.context.logger.debug({ err: error }, 'trailers of a backend were not valid')
  }
}

// One immediate for all exchanges of a turn, instead of one each.
let planned: ResponseWriter[] = []

function planFlush(writer: ResponseWriter): void {
  if (planned.push(writer) === 1) setImmediate(flushPlanned)
}

function flushPlanned(): void {
  const writers = planned
  planned = []
  for (const writer of writers) writer.flush()
}
