import { Agent, request, type Dispatcher } from 'undici'
import { MillraceError } from '../errors/error.ts'
import { coreErrors } from '../errors/errors.ts'
import { hostMatcher } from './allow-list.ts'
import { guardedConnector, type Lookup } from './guarded-connector.ts'

export interface OutgoingOptions {
  /**
   * Hosts that may have an address which is not public: `media.internal`, `*.svc.cluster.local`, `127.0.0.1:4000`.
   * Default: none.
   */
  allowHosts?: readonly string[]
  /** Lifts the address check altogether. Default false. */
  allowPrivate?: boolean
  /** Over everything: name, connection, redirects, body. Default 10,000. */
  timeoutMs?: number
  /** Of the body as it arrives. Default 25 MiB. */
  maxBytes?: number
  /** Default 3. 0: a redirect is returned like any answer. */
  maxRedirects?: number
  /** Connections per host. Default 16. */
  maxConnections?: number
  /** Default: the system's resolver. */
  lookup?: Lookup
}

export interface FetchOptions {
  signal?: AbortSignal
  headers?: Readonly<Record<string, string>>
}

export interface FetchedBytes {
  status: number
  /** Lower-case names; a repeated header is joined with `, `. */
  headers: Readonly<Record<string, string>>
  body: Buffer
  /** After redirects. */
  url: string
}

export interface Outgoing {
  /**
   * GET. Any status is an answer. Throws CORE_URL_INVALID, CORE_ADDRESS_FORBIDDEN, CORE_RESPONSE_TOO_LARGE,
   * CORE_OUTGOING_FAILED (also on a timeout), and the signal's reason when it was aborted.
   */
  fetchBytes(url: string | URL, options?: FetchOptions): Promise<FetchedBytes>
  /** Ends idle and busy connections. */
  close(): Promise<void>
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** Never sent on to another origin. */
const CREDENTIALS = ['authorization', 'cookie', 'proxy-authorization']

/**
 * HTTP for addresses that others choose (an image's URL, a webhook): it reaches public hosts only, whatever their names
 * resolve to and wherever they redirect, and it bounds time and size. See OWASP, "Server-Side Request Forgery Prevention".
 */
export function createOutgoing(options: OutgoingOptions = {}): Outgoing {
  const { timeoutMs = 10_000, maxBytes = 25 * 1024 * 1024, maxRedirects = 3 } = options
  const isAllowed = options.allowPrivate === true ? () => true : hostMatcher(options.allowHosts ?? [])
  const agent = new Agent({
    connect: guardedConnector({ isAllowed, connectTimeoutMs: timeoutMs, lookup: options.lookup }),
    connections: options.maxConnections ?? 16,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    keepAliveTimeout: 10_000,
    maxHeaderSize: 32 * 1024,
  })

  async function fetchBytes(address: string | URL, fetchOptions: FetchOptions = {}): Promise<FetchedBytes> {
    let url = parseUrl(address)
    let headers = lowerCased(fetchOptions.headers ?? {})
    // Not AbortSignal.timeout: that timer cannot be taken back, and there is one per request.
    const timer = new AbortController()
    const timeout = setTimeout(() => timer.abort(), timeoutMs)
    const signal =
      fetchOptions.signal === undefined ? timer.signal : AbortSignal.any([fetchOptions.signal, timer.signal])
    try {
      for (let redirects = 0; ; redirects++) {
        signal.throwIfAborted()
        const response = await request(url, { dispatcher: agent, method: 'GET', headers, signal })
        const location = response.headers['location']
        if (!REDIRECTS.has(response.statusCode) || typeof location !== 'string' || maxRedirects === 0) {
          return await answer(response, url, maxBytes)
        }
        response.body.on('error', () => undefined).destroy()
        if (redirects >= maxRedirects) {
          throw coreErrors.OUTGOING_FAILED({ url: url.href, reason: `more than ${maxRedirects} redirects` })
        }
        const next = parseUrl(location, url)
        if (next.origin !== url.origin) headers = without(headers, CREDENTIALS)
        url = next
      }
    } catch (error) {
      if (fetchOptions.signal?.aborted === true) throw fetchOptions.signal.reason
      if (error instanceof MillraceError) throw error
      const reason = timer.signal.aborted ? `no complete answer within ${timeoutMs} ms` : reasonOf(error)
      throw coreErrors.OUTGOING_FAILED({ url: url.href, reason }, error)
    } finally {
      clearTimeout(timeout)
    }
  }

  return { fetchBytes, close: () => agent.destroy() }
}

function parseUrl(address: string | URL, base?: URL): URL {
  const text = String(address)
  const url = URL.canParse(text, base?.href) ? new URL(text, base?.href) : undefined
  const reason =
    url === undefined
      ? 'it is not an absolute address'
      : url.protocol !== 'http:' && url.protocol !== 'https:'
        ? 'only http: and https: are accepted'
        : url.username !== '' || url.password !== ''
          ? 'credentials do not belong in an address'
          : undefined
  if (url === undefined || reason !== undefined) {
    // With credentials it is not repeated.
    throw coreErrors.URL_INVALID({
      url: url?.username || url?.password ? url.host : text.slice(0, 200),
      reason: reason!,
    })
  }
  url.hash = ''
  return url
}

async function answer(response: Dispatcher.ResponseData, url: URL, maxBytes: number): Promise<FetchedBytes> {
  const { body } = response
  const tooLarge = (): MillraceError => coreErrors.RESPONSE_TOO_LARGE({ url: url.href, maxBytes })
  if (Number(response.headers['content-length']) > maxBytes) {
    body.on('error', () => undefined).destroy()
    throw tooLarge()
  }
  const chunks: Buffer[] = []
  let size = 0
  // Leaving the loop by an exception destroys the body and with it the connection.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return { status: response.statusCode, headers, body: Buffer.concat(chunks, size), url: url.href }
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const without = (headers: Record<string, string>, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
