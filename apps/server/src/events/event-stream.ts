import type { ServerResponse } from 'node:http'
import type { Clock } from '@millrace/core'

export const HEARTBEAT_MS = 15_000
/** Bytes waiting for one client. One that reads more slowly than that is disconnected: it reads anew when it returns. */
export const MAX_BUFFERED_BYTES = 256 * 1024
export const MAX_CLIENTS = 200
/** A stream ends after this long, so that a reconnecting client is authenticated again. */
export const MAX_STREAM_MS = 10 * 60_000

export interface EventStream {
  /**
   * Takes over a response whose head is not written yet. Returns false when there are too many clients. `sees` says by
   * name which events are for this one; default all.
   */
  add(response: ServerResponse, sees?: (name: string) => boolean): boolean
  send(name: string, data: unknown): void
  readonly clients: number
  /** Ends every stream and refuses further ones. */
  close(): void
}

/** Server-Sent Events (WHATWG HTML § 9.2) to many clients: written once, sent to each. */
export function createEventStream(clock: Clock): EventStream {
  const clients = new Map<ServerResponse, { until: number; sees: (name: string) => boolean }>()
  let closed = false

  const write = (response: ServerResponse, text: string): void => {
    if (response.writableLength > MAX_BUFFERED_BYTES) {
      clients.delete(response)
      response.destroy()
      return
    }
    response.write(text)
  }
  const end = (response: ServerResponse): void => {
    clients.delete(response)
    response.end()
  }

  const stopHeartbeat = clock.every(HEARTBEAT_MS, () => {
    const now = clock.monotonic()
    for (const [response, { until }] of clients) {
      if (now >= until) end(response)
      // A comment: no event for the client, but a sign of life for it and for proxies.
      else write(response, ':\n\n')
    }
  })

  return {
    get clients() {
      return clients.size
    },
    add: (response, sees = () => true) => {
      if (closed || clients.size >= MAX_CLIENTS) return false
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        // Asks proxies such as NGINX not to collect before sending.
        'x-accel-buffering': 'no',
      })
      response.once('close', () => clients.delete(response))
      response.on('error', () => clients.delete(response))
      clients.set(response, { until: clock.monotonic() + MAX_STREAM_MS, sees })
      response.write('retry: 1000\n\n')
      return true
    },
    send: (name, data) => {
      if (clients.size === 0) return
      // JSON has no line breaks of its own, so one `data:` line is enough.
      const text = `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
      for (const [response, { sees }] of clients) if (sees(name)) write(response, text)
    },
    close: () => {
      closed = true
      stopHeartbeat()
      for (const response of clients.keys()) end(response)
    },
  }
}
