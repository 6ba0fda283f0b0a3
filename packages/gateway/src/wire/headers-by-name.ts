import type { IncomingHttpHeaders } from 'node:http'

/** Of these a second one is ignored, as node:http does. */
const SINGLE: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
])

const MAX_KNOWN = 1_000
const lowered = new Map<string, string>()

function lower(name: string): string {
  let known = lowered.get(name)
  if (known === undefined) {
    known = name.toLowerCase()
    if (lowered.size >= MAX_KNOWN) lowered.clear()
    lowered.set(name, known)
  }
  return known
}

/** Fields by lower-case name, joined as node:http joins them. */
export function headersByName(pairs: readonly string[]): IncomingHttpHeaders {
  const headers = Object.create(null) as Record<string, string | string[]>
  for (let i = 0; i < pairs.length; i += 2) {
    const name = lower(pairs[i]!)
    const value = pairs[i + 1]!
    const before = headers[name]
    if (name === 'set-cookie') headers[name] = [...((before as string[] | undefined) ?? []), value]
    else if (before === undefined) headers[name] = value
    else if (!SINGLE.has(name))
      headers[name] = `${before as string}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return headers as IncomingHttpHeaders
}
