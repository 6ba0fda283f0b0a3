import type { ClientHttp2Session } from 'node:http2'

/** Handles of sessions; each some kilobytes, and no later than the process. */
const unreadable = new Set<object>()

/**
 * Node 24 aborts the process when it collects a client's session that ended amid a block of fields in too many frames (an assertion in
 * `~Http2Session`), so that a backend could end workers. The handles of all that ended with frames which nghttp2 could not read are
 * therefore kept. A session drops its own before it reports its error.
 */
export function protectFromUnreadable(session: ClientHttp2Session): void {
  let handle: object | undefined
  session.on('connect', () => {
    const symbol = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'kHandle')
    handle = symbol && (session as unknown as Record<symbol, object | undefined>)[symbol]
  })
  session.on('error', ({ code }: Error & { code?: string }) => {
    if (code === 'ERR_HTTP2_ERROR' && handle !== undefined) unreadable.add(handle)
  })
}
