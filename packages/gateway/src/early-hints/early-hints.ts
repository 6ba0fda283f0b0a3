import type { Exchange } from '../proxy/exchange.ts'
import type { HintMemory } from './hint-memory.ts'

/** Queries change what a page shows, hardly ever what it loads. */
const pageOf = ({ headers, path }: Exchange): string => {
  const query = path.indexOf('?')
  return `${headers.host} ${query < 0 ? path : path.slice(0, query)}`
}

/**
 * Tells a browser what it will need before a backend is asked: only where it navigates (RFC 8297, Fetch Metadata), and by
 * HTTP/2, as some clients of HTTP/1.1 take a 1xx for the answer.
 */
export function sendHints(exchange: Exchange, memory: HintMemory): void {
  const { req, res, method } = exchange
  if (method !== 'GET' || req.httpVersionMajor !== 2 || req.headers['sec-fetch-mode'] !== 'navigate') return
  const link = memory.find(pageOf(exchange), exchange.startedAt)
  if (link !== undefined && !res.headersSent) res.writeEarlyHints({ link })
}

/** Answers that say so are one visitor's, or not to be kept by anybody (RFC 9111, 5.2.2). */
const NOT_FOR_ALL = /(?:^|[\s,])(?:private|no-store)(?:$|[\s,=])/i
const VARIES_BY_VISITOR = /(?:^|[\s,])(?:\*|cookie|authorization)(?:$|[\s,])/i

function isForAll(raw: readonly string[]): boolean {
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase()
    if (
      name === 'cache-control'
        ? NOT_FOR_ALL.test(raw[i + 1]!)
        : name === 'vary' && VARIES_BY_VISITOR.test(raw[i + 1]!)
    )
      return false
  }
  return true
}

/**
 * Remembers what a page says, for every visitor: not what it said to somebody in particular, nor what was asked for with a query,
 * of which its links may tell others.
 */
export function learnHints(
  exchange: Exchange,
  memory: HintMemory,
  status: number,
  contentType: string | undefined,
  raw: readonly string[],
): void {
  const { method, path, req } = exchange
  if (method !== 'GET' || status !== 200 || path.includes('?') || req.headers.authorization !== undefined)
    return
  if (contentType === undefined || !/^\s*text\/html\b/i.test(contentType) || !isForAll(raw)) return
  memory.learn(pageOf(exchange), raw, performance.now())
}
