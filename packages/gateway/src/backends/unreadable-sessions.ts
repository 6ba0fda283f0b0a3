import type { ClientHttp2Session } from 'node:http2'

/**
 * Handles of sessions that ended with frames which nghttp2 could not read. Node 24 aborts the process when it collects one whose end
 * came amid a block of too many fields (an assertion in `~Http2Session`), so that a backend could end workers. They are kept, each
 * some kilobytes, and no later than the process.
 */
const unreadable = new Set<object>()

/** A session drops its handle before it reports its error: to be asked for while it is connected. */
export function handleOf(session: ClientHttp2Session): object | undefined {
  const symbol = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'kHandle')
  return symbol && (session as unknown as Record<symbol, object | undefined>)[symbol]
}

export function keepUnreadable(handle: object | undefined): void {
  if (handle !== undefined) unreadable.add(handle)
}
