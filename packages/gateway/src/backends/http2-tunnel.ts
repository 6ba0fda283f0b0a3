import type { ClientHttp2Stream } from 'node:http2'

/** Makes a stream of HTTP/2 fit into the place of a backend's socket: what tunnels need beyond a stream. */
export function tunnelEnd(stream: ClientHttp2Stream): ClientHttp2Stream {
  return Object.assign(stream, {
    /** The connection is set so already. */
    setNoDelay: () => stream,
    /** Closes when what was written has left. */
    destroySoon(): void {
      if (stream.writableFinished) stream.destroy()
      else stream.once('finish', () => stream.destroy()).end()
    },
  })
}
