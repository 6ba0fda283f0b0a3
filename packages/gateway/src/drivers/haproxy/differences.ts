import type { EngineDifference } from '../../testing/engine-suite.ts'

/** Fields of a table that are refused with GATEWAY_TABLE_INVALID; of `balance`, least-response-time. */
export const LACKING = ['mirror', 'balance', 'earlyHints'] as const

const forwards = (title: string): string => `forwards requests and responses > ${title}`
const survives = (title: string): string => `survives failing backends and visitors > ${title}`
const believes = (title: string): string => `believes no backend > ${title}`
const refuses = (title: string): string => `refuses what could be read in two ways > ${title}`
const limits = (title: string): string => `keeps its limits > ${title}`
const secures = (title: string): string => `over TLS > ${title}`
const http2 = (title: string): string => `HTTP/2 visitors > ${title}`
const survivesHttp2 = (title: string): string => `survives hostile HTTP/2 > ${title}`
const compresses = (title: string): string => `compresses > ${title}`

/**
 * What HAProxy does otherwise than the engine `node`, as far as the engine suite looks. The README's table is this list (a test
 * compares them), and the suite fails when one of these tests passes.
 */
export const DIFFERENCES: readonly EngineDifference[] = [
  {
    behaviour: 'Names of headers arrive in lower case, both ways.',
    tests: [forwards('names of headers arrive as they were written')],
  },
  {
    behaviour:
      'An absolute-form target that names another host than `Host` is refused with 400; the engine `node` lets the target win.',
    tests: [forwards('an absolute-form target gives path and Host')],
  },
  {
    behaviour: 'A backend’s trailers pass as they are, those included that frame or set state.',
    tests: [forwards('trailers that frame, route or set state are dropped')],
  },
  {
    behaviour:
      'Messages that are lawful but often misread are rewritten instead of refused: one length, CRLF, no folding. The backend gets exactly one reading of them, and after `Content-Length` with `Transfer-Encoding` the connection is closed.',
    tests: [
      'Content-Length and Transfer-Encoding',
      'Transfer-Encoding and Content-Length',
      'two Content-Lengths that agree',
      'a list of Content-Lengths',
      'a transfer coding in HTTP/1.0',
      'a folded header',
      'a bare line feed after a header',
      'bare line feeds throughout',
      'an upgrade with a body',
      'chunked with a bare line feed after the size',
      'chunked with a bare line feed after the data',
      'chunked with a bare line feed after an extension',
      'chunked with a line break in a quoted extension',
      'chunked with a space after the size',
    ].map(refuses),
  },
  {
    behaviour:
      'A transfer coding other than chunked is refused with 422, in HAProxy’s own words, as is (400) what its parser cannot read at all.',
    tests: ['another coding before chunked', 'what a problem of framing follows is not read'].map(refuses),
  },
  {
    behaviour:
      'An upgrade to anything but WebSocket is forwarded as the request it is and the connection goes on; with another method or in HTTP/1.0 it is refused with 400. After a refused upgrade the next request is answered.',
    tests: [
      'an upgrade to another protocol is ignored, and nothing is read behind it',
      'an upgrade with another method is ignored, and nothing is read behind it',
      'an upgrade in HTTP/1.0 is ignored, and nothing is read behind it',
      'a refused upgrade opens no way around the gateway',
    ].map(refuses),
  },
  {
    behaviour:
      'Requests sent ahead are answered one after the other: the next is read when the one before is answered, so `limits.pipelined` has no meaning, and a visitor who leaves is noticed only when what it sent ahead has been read.',
    tests: [
      refuses('an upgrade behind an unanswered request answers nothing but itself'),
      refuses('CONNECT behind an unanswered request answers nothing but itself'),
      refuses('a syntax error behind an unanswered request answers nothing but itself'),
      limits('one connection gets no more than its share of requests in progress'),
      survives('a visitor who leaves while answers pile up behind a silent one is noticed'),
      'passes WebSockets through > a visitor who leaves before the backend has answered frees its place (early bytes: 2)',
    ],
  },
  {
    behaviour: 'Retries have no budget: at most two more attempts for each request, however many fail.',
    tests: [survives('retries stay within their budget when everything fails')],
  },
  {
    behaviour:
      'Of a backend, these pass: control characters in header values, a status below 100, interim responses without end. `Content-Length` beside chunked is taken away.',
    tests: [
      believes('502 when the backend closes without an answer, or answers something that is not HTTP'),
      believes('502 for interim responses without end'),
      believes('502 for a status below 100'),
      refuses('a backend’s ambiguous response is refused'),
    ],
  },
  {
    behaviour:
      '`timeouts.requestMs` is not kept: the time for headers is, and for the pauses of a body the smaller of `requestMs` and `idleMs` once the backend has answered.',
    tests: [limits('a request that does not arrive completely is ended')],
  },
  {
    behaviour: 'Compression is gzip only, also below `compression.minBytes`.',
    tests: [compresses('Brotli or gzip, whichever the visitor prefers'), compresses('never small bodies')],
  },
  {
    behaviour: 'Bodies with a digest are compressed for visitors who accept gzip, and the digest taken away.',
    tests: [compresses('never bodies with a digest of their own')],
  },
  {
    behaviour:
      'What a canary fails the stable part does not answer, unless nothing of the canary is up when the request comes.',
    tests: ['splits traffic > what a canary fails, the stable part answers, when it may be asked twice'],
  },
  {
    behaviour: 'A pool’s `rateLimit`, which is of each backend, is refused; a route’s is not.',
    tests: [
      'limits rates > of a backend: what is beyond it goes to another, or waits',
      'limits rates > of a backend: who waits too long is refused',
    ],
  },
  {
    behaviour: '`breaker.latencyMs` is refused.',
    tests: [
      'breaks circuits > one that is slow is taken out',
      'breaks circuits > one that hangs is taken out although visitors leave before any timeout',
    ],
  },
  {
    behaviour:
      'A backend that is spoken to by HTTP/2 and does not speak it is one that cannot be connected to: 503 instead of 502.',
    tests: ['speaks HTTP/2 to backends > 502 for a backend that does not speak HTTP/2'],
  },
  {
    behaviour: 'Of the two choices at random, both may be the same backend.',
    tests: ['balances > of two drawn at random the one with fewer requests in flight'],
  },
  {
    behaviour:
      'Of open connections only those with a request are seen, without its method and path, bytes and begin; WebSockets look like requests.',
    tests: [
      'shows what is open > says what is asked for, without the query, how much was sent, and since when',
      'shows what is open > idle ones come after those with a request, and of all only as many as are wanted',
      'shows what is open > a WebSocket is one for as long as it is open',
    ],
  },
  {
    behaviour:
      'A TLS handshake may take as long as the pauses of a body (see `timeouts.requestMs`), and any number may be in progress: neither `timeouts.handshakeMs` nor `limits.handshakes` is kept, `limits.connections` is.',
    tests: [secures('ends handshakes that take too long, and those that are not TLS')],
  },
  {
    behaviour: 'Who sends a body without waiting for `100 Continue` gets none.',
    tests: [http2('passes interim answers and trailers')],
  },
  {
    behaviour:
      'Of an HTTP/2 request with `:authority` and another `Host`, the first is what counts and what backends see.',
    tests: [http2('refuses what two could read in two ways')],
  },
  {
    behaviour:
      'A response over HTTP/2 whose backend dies in the middle ends with PROTOCOL_ERROR instead of INTERNAL_ERROR.',
    tests: [http2('resets a stream whose backend dies in the middle, and no other')],
  },
  {
    behaviour:
      'Requests that an HTTP/2 connection cancels are not counted against it (`limits.streamResets`): each counts as one of `limits.streams` until it is gone. Nor are PING and SETTINGS frames; a connection without a first request has `timeouts.headersMs`.',
    tests: [survivesHttp2('requests that are cancelled at once (CVE-2023-44487)')],
  },
]
