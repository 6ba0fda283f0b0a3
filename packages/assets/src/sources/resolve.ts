import type { HostMatcher } from '@millrace/core/http'
import { assetsErrors } from '../errors.ts'

export interface SourceRules {
  /** Where paths are fetched: the gateway, or the application itself. */
  origin: URL
  /** Hosts from which absolute addresses are taken. */
  isAllowedHost: HostMatcher
  /** Path prefixes that belong to the platform, not to the application. */
  internalPrefixes: readonly string[]
}

export interface ResolvedSource {
  url: URL
  /** `origin`: the application; may have a private address. `remote`: somebody else's. */
  kind: 'origin' | 'remote'
}

export const MAX_SOURCE_LENGTH = 2_048

/**
 * What a `src` means: a path below the application, or an absolute http(s) address on the allow list.
 * @throws ASSETS_PARAMETER_INVALID, ASSETS_SOURCE_FORBIDDEN
 */
export function resolveSource(src: string, rules: SourceRules): ResolvedSource {
  const invalid = (accepted: string): Error =>
    assetsErrors.PARAMETER_INVALID({ field: 'src', value: src.slice(0, 200), accepted })
  if (src.length === 0 || src.length > MAX_SOURCE_LENGTH)
    throw invalid(`1 to ${MAX_SOURCE_LENGTH} characters`)
  // `//host/…` is an address without a scheme, and browsers read a backslash as a slash.
  const isPath = src.startsWith('/') && !/^\/[/\\]/.test(src)
  const text = isPath ? new URL(src, rules.origin) : URL.canParse(src) ? new URL(src) : undefined
  if (text === undefined || !/^https?:$/.test(text.protocol)) {
    throw invalid('a path that begins with one slash, or an http(s) address')
  }
  if (text.username !== '' || text.password !== '') throw invalid('an address without credentials')
  text.hash = ''
  return classify(text, src, rules)
}

/** The same for where a redirect leads. @throws ASSETS_SOURCE_FORBIDDEN */
export function classify(url: URL, src: string, rules: SourceRules): ResolvedSource {
  const forbidden = (reason: string): Error =>
    assetsErrors.SOURCE_FORBIDDEN({ src: src.slice(0, 200), reason })
  if (url.origin === rules.origin.origin) {
    const path = decodedPath(url.pathname)
    const internal = rules.internalPrefixes.find((prefix) => isBelow(path, prefix))
    if (internal !== undefined) throw forbidden(`paths below ${internal} belong to the platform`)
    return { url, kind: 'origin' }
  }
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  if (!rules.isAllowedHost(url.hostname, port)) {
    throw forbidden(`${url.host} is not on the allow list (assets.allowHosts)`)
  }
  return { url, kind: 'remote' }
}

/**
 * Decoded until nothing changes and in lower case: however a router reads it, the prefix shows. What is no valid encoding
 * stays as it is, as in the name of `100%.jpg`: it must not hide what stands beside it.
 */
function decodedPath(path: string): string {
  let current = path
  // Ends: each round but the last makes the text shorter.
  for (let before = ''; before !== current;) {
    before = current
    current = before.replace(/%[0-7][0-9a-f]/gi, (code) => String.fromCharCode(parseInt(code.slice(1), 16)))
  }
  // `/a//b`, `/./b` and `\` are read as `/a/b` and `/b` by one server or another.
  const segments = current.toLowerCase().split(/[/\\]+/)
  const resolved: string[] = []
  for (const segment of segments) {
    if (segment === '..') resolved.pop()
    else if (segment !== '.' && segment !== '') resolved.push(segment)
  }
  return `/${resolved.join('/')}`
}

const isBelow = (path: string, prefix: string): boolean =>
  path === prefix.toLowerCase() || path.startsWith(`${prefix.toLowerCase().replace(/\/$/, '')}/`)
