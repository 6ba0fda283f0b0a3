import { MillraceError } from '@millrace/core'
import { createOutgoing, hostMatcher, type FetchedBytes, type Outgoing } from '@millrace/core/http'
import { assetsErrors } from '../errors.ts'
import { classify, resolveSource, type ResolvedSource, type SourceRules } from './resolve.ts'

export interface SourceOptions {
  origin: string
  /** Hosts from which absolute addresses are taken. */
  allowHosts: readonly string[]
  /** Those of them that may have a private address. */
  privateHosts: readonly string[]
  internalPrefixes: readonly string[]
  maxBytes: number
  timeoutMs: number
}

/** Validators of an earlier answer, to ask whether it still holds. */
export interface Validators {
  etag?: string
  lastModified?: string
}

export interface FetchedSource extends Validators {
  /** Undefined: 304, what the validators belong to still holds. */
  body: Buffer | undefined
  contentType?: string
  /** How long the origin says it is fresh; undefined when it says nothing. */
  maxAgeMs?: number
}

/** Carried by every request of ours; an image server that receives it refuses, so that no chain of them loops. */
export const HOP_HEADER = 'x-millrace-image'
const MAX_REDIRECTS = 3
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** Fetches sources, within the rules, time and size. */
export class SourceFetcher {
  readonly #options: SourceOptions
  readonly #rules: SourceRules
  readonly #origin: Outgoing
  readonly #remote: Outgoing

  constructor(options: SourceOptions) {
    const origin = new URL(options.origin)
    const limits = { timeoutMs: options.timeoutMs, maxBytes: options.maxBytes, maxRedirects: 0 }
    const port = origin.port || (origin.protocol === 'https:' ? '443' : '80')
    this.#options = options
    this.#rules = {
      origin,
      isAllowedHost: hostMatcher(options.allowHosts),
      internalPrefixes: options.internalPrefixes,
    }
    // Two clients: the permission to reach a private address is the origin's alone.
    this.#origin = createOutgoing({ ...limits, allowHosts: [`${origin.hostname}:${port}`] })
    this.#remote = createOutgoing({ ...limits, allowHosts: options.privateHosts })
  }

  /** @throws ASSETS_PARAMETER_INVALID, ASSETS_SOURCE_FORBIDDEN */
  resolve(src: string): ResolvedSource {
    return resolveSource(src, this.#rules)
  }

  /**
   * @throws ASSETS_SOURCE_FORBIDDEN, ASSETS_SOURCE_NOT_FOUND, ASSETS_SOURCE_TOO_LARGE, ASSETS_SOURCE_FAILED,
   * CORE_ADDRESS_FORBIDDEN
   */
  async fetch(source: ResolvedSource, validators: Validators = {}): Promise<FetchedSource> {
    let { url, kind } = source
    const src = displayed(source)
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const response = await this.#request({ url, kind }, src, validators)
      const { location } = response.headers
      if (!REDIRECTS.has(response.status) || location === undefined) return this.#read(response, src)
      if (!URL.canParse(location, url.href)) break
      ;({ url, kind } = classify(new URL(location, url), src, this.#rules))
    }
    throw assetsErrors.SOURCE_FAILED({ src, reason: `more than ${MAX_REDIRECTS} redirects, or a bad one` })
  }

  async close(): Promise<void> {
    await Promise.all([this.#origin.close(), this.#remote.close()])
  }

  async #request({ url, kind }: ResolvedSource, src: string, validators: Validators): Promise<FetchedBytes> {
    const { maxBytes } = this.#options
    const headers = {
      accept: 'image/*',
      // Without it any coding would be acceptable (RFC 9110, section 12.5.3).
      'accept-encoding': 'identity',
      [HOP_HEADER]: '1',
      // Whoever trusts loopback must not take this request for one of the machine's owner.
      ...(kind === 'origin' ? { 'x-forwarded-for': '192.0.0.8' } : {}),
      ...(validators.etag === undefined ? {} : { 'if-none-match': validators.etag }),
      ...(validators.lastModified === undefined ? {} : { 'if-modified-since': validators.lastModified }),
    }
    try {
      return await (kind === 'origin' ? this.#origin : this.#remote).fetchBytes(url, { headers })
    } catch (error) {
      const code = error instanceof MillraceError ? error.code : ''
      if (code === 'CORE_ADDRESS_FORBIDDEN') throw error
      if (code === 'CORE_RESPONSE_TOO_LARGE') {
        throw assetsErrors.SOURCE_TOO_LARGE({ src, maxBytes }, error)
      }
      const { reason } = (error as MillraceError).details ?? {}
      throw assetsErrors.SOURCE_FAILED(
        { src, reason: typeof reason === 'string' ? reason : 'no answer' },
        error,
      )
    }
  }

  #read({ status, headers, body }: FetchedBytes, src: string): FetchedSource {
    if (status === 404 || status === 410) throw assetsErrors.SOURCE_NOT_FOUND({ src, status })
    if (status === 401 || status === 403) {
      throw assetsErrors.SOURCE_FORBIDDEN({ src, reason: `its server answered ${status}` })
    }
    if (status !== 200 && status !== 304) {
      throw assetsErrors.SOURCE_FAILED({ src, reason: `its server answered ${status}` })
    }
    const maxAgeMs = freshness(headers['cache-control'])
    return {
      body: status === 304 ? undefined : body,
      ...(headers.etag === undefined ? {} : { etag: headers.etag }),
      ...(headers['last-modified'] === undefined ? {} : { lastModified: headers['last-modified'] }),
      ...(headers['content-type'] === undefined ? {} : { contentType: headers['content-type'] }),
      ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
    }
  }
}

/** A source in an error: where the origin is within the platform is nobody's business. */
export const displayed = ({ url, kind }: ResolvedSource): string =>
  kind === 'origin' ? `${url.pathname}${url.search}` : url.href

/** `Cache-Control` of a source: 0 when it must be asked each time (RFC 9111, section 5.2.2). */
function freshness(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  if (/\bno-(store|cache)\b/i.test(header)) return 0
  const stated = /\bs-maxage\s*=\s*"?(\d{1,10})/i.exec(header) ?? /\bmax-age\s*=\s*"?(\d{1,10})/i.exec(header)
  return stated === null ? undefined : Number(stated[1]) * 1_000
}
