/** What happens to a header on its way through. */
export const KEEP = 0
export const DROP = 1
export const CONNECTION = 2
export const HOST = 3
export const CONTENT_LENGTH = 4
export const FORWARDING = 5
export const TRACEPARENT = 6
export const REQUEST_ID = 7
export const TE = 8
export const TRANSFER_ENCODING = 9
export const TRAILER = 10
export const VIA = 11
export const TRACESTATE = 12
/** Of a visitor, as other proxies say it: kept, and a sign that the request was forwarded. */
export const CLIENT_ADDRESS = 13
export const UPGRADE = 14
/** Of responses: what compression needs to know. */
export const CONTENT_TYPE = 20
export const CONTENT_ENCODING = 21
export const CACHE_CONTROL = 22
export const ETAG = 23
export const VARY = 24
export const ACCEPT_RANGES = 25
export const PARTIAL = 26

type Handling = Readonly<Record<string, number>>

// RFC 9110, section 7.6.1, and what is known to be misused as hop-by-hop. `keep-alive` and `proxy-connection` come
// from HTTP/1.0; `http2-settings` belongs to a kind of upgrade that no one offers any more (RFC 9113).
const HOP_BY_HOP: Handling = {
  connection: CONNECTION,
  'keep-alive': DROP,
  'proxy-connection': DROP,
  'proxy-authenticate': DROP,
  'proxy-authorization': DROP,
  'proxy-authentication-info': DROP,
  upgrade: DROP,
  'http2-settings': DROP,
}

/** By which proxies say whom a request comes from; replaced, unless the proxy is trusted. */
export const FORWARDING_NAMES = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-server',
  'x-real-ip',
]

/** By which content delivery networks say it; kept. */
export const CLIENT_ADDRESS_NAMES = [
  'cf-connecting-ip',
  'true-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'fastly-client-ip',
]

const all = (names: readonly string[], handling: number): Handling =>
  Object.fromEntries(names.map((name) => [name, handling]))

const REQUEST: Handling = {
  ...HOP_BY_HOP,
  upgrade: UPGRADE,
  host: HOST,
  'content-length': CONTENT_LENGTH,
  'transfer-encoding': TRANSFER_ENCODING,
  te: TE,
  // The trailers of a request are not passed on, which RFC 9110, section 6.5.1, allows.
  trailer: DROP,
  expect: DROP,
  ...all(FORWARDING_NAMES, FORWARDING),
  // Backends that see headers as CGI variables (WSGI, Rack, PHP) cannot tell these from the ones with hyphens.
  ...all(
    FORWARDING_NAMES.map((name) => name.replaceAll('-', '_')).filter((name) => name.includes('_')),
    DROP,
  ),
  transfer_encoding: DROP,
  content_length: DROP,
  // What content delivery networks and other proxies add.
  ...all(CLIENT_ADDRESS_NAMES, CLIENT_ADDRESS),
  traceparent: TRACEPARENT,
  tracestate: TRACESTATE,
  'x-request-id': REQUEST_ID,
  via: VIA,
  // What only this gateway may say.
  'x-millrace-split': DROP,
  'x-millrace-mirror': DROP,
  'x-millrace-region': DROP,
}

const RESPONSE: Handling = {
  ...HOP_BY_HOP,
  te: DROP,
  'transfer-encoding': TRANSFER_ENCODING,
  trailer: TRAILER,
  'content-length': CONTENT_LENGTH,
  'content-type': CONTENT_TYPE,
  'content-encoding': CONTENT_ENCODING,
  'cache-control': CACHE_CONTROL,
  etag: ETAG,
  vary: VARY,
  'accept-ranges': ACCEPT_RANGES,
  'content-range': PARTIAL,
  'content-md5': PARTIAL,
  'content-digest': PARTIAL,
  digest: PARTIAL,
  via: VIA,
  // For this gateway.
  'surrogate-key-purge': DROP,
}

/** Headers whose absence would change the message's meaning or its sender, so that `Connection` cannot remove them. */
export const NEVER_NAMED: ReadonlySet<string> = new Set([
  ...FORWARDING_NAMES,
  'host',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'range',
  'transfer-encoding',
  'set-cookie',
  'close',
  'keep-alive',
  'upgrade',
])

/** Looks a header name up however it is written; the usual spellings are found without lower-casing. */
function classifier(handling: Handling): (name: string) => number {
  const known = new Map<string, number>()
  for (const [name, what] of Object.entries(handling)) {
    known.set(name, what)
    known.set(
      name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase()),
      what,
    )
  }
  // Frequent ones of which nothing is wanted, to spare the second look-up.
  for (const name of [
    'Accept',
    'Accept-Language',
    'Cookie',
    'Date',
    'Last-Modified',
    'Referer',
    'Server',
    'Set-Cookie',
    'User-Agent',
  ]) {
    known.set(name, KEEP)
    known.set(name.toLowerCase(), KEEP)
  }
  known.set('ETag', known.get('etag') ?? KEEP)
  return (name) => known.get(name) ?? known.get(name.toLowerCase()) ?? KEEP
}

export const classifyRequest = classifier(REQUEST)
export const classifyResponse = classifier(RESPONSE)

/**
 * The headers that a `Connection` value names, in lower case; undefined when it names none, which is nearly always
 * (`keep-alive`, `close`).
 */
export function namedInConnection(value: string, into?: Set<string>): Set<string> | undefined {
  if (value === 'keep-alive' || value === 'close' || value === 'Keep-Alive') return into
  let names = into
  for (const part of value.split(',')) {
    const name = part.trim().toLowerCase()
    if (name === '' || NEVER_NAMED.has(name)) continue
    names ??= new Set()
    names.add(name)
  }
  return names
}

const NOT_IN_TRAILERS: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'expires',
  'host',
  'location',
  'set-cookie',
  'www-authenticate',
])

/**
 * Whether a field may come after the body: not what frames or routes a message, or decides about it before its body is
 * there (RFC 9110, 6.5.1).
 */
export const isTrailerField = (name: string): boolean => {
  const lower = name.toLowerCase()
  return classifyResponse(lower) === KEEP && !NOT_IN_TRAILERS.has(lower)
}
