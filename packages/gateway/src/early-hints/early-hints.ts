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

/** Remembers what a page says. */
export function learnHints(
  exchange: Exchange,
  memory: HintMemory,
  status: number,
  contentType: string | undefined,
  raw: readonly string[],
): void {
  if (exchange.method !== 'GET' || status !== 200) return
  if (contentType === undefined || !/^\s*text\/html\b/i.test(contentType)) return
  memory.learn(pageOf(exchange), raw, performance.now())
}
