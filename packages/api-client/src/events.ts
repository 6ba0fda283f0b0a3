import { errorFrom, unreachable, type ApiError } from './problem.ts'

/** One message of the live stream: `component.changed`, `scale.changed`, `action.progress`, … */
export interface LiveEvent {
  name: string
  data: unknown
}

export interface EventStreamOptions {
  baseUrl: string
  /** Default: the session cookie. */
  token?: string
  onEvent(event: LiveEvent): void
  /** `connected` after each (re)connection: events may have been missed in between, so read again what you show. */
  onState?(state: 'connected' | 'disconnected', reason?: ApiError): void
  /** Ends the stream for good. */
  signal: AbortSignal
  fetch?: typeof globalThis.fetch
}

/** The stream sends a heartbeat every 15 s; this long without a byte means that the connection is dead. */
const SILENCE_MS = 40_000
const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000]

/** Splits Server-Sent Events (WHATWG HTML § 9.2) out of text that arrives in arbitrary pieces. */
export function createEventParser(onEvent: (event: LiveEvent) => void): (text: string) => void {
  let rest = ''
  let name = 'message'
  let data: string[] = []
  const line = (text: string): void => {
    if (text === '') {
      if (data.length > 0) onEvent({ name, data: JSON.parse(data.join('\n')) as unknown })
      name = 'message'
      data = []
    } else if (text.startsWith('event:')) name = text.slice(6).trim()
    else if (text.startsWith('data:')) data.push(text.slice(5).replace(/^ /, ''))
  }
  return (text) => {
    const lines = (rest + text).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const complete of lines) line(complete)
  }
}

async function readOnce(options: EventStreamOptions): Promise<void> {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(), SILENCE_MS)
  try {
    const response = await (options.fetch ?? globalThis.fetch)(`${options.baseUrl}/api/events`, {
      credentials: 'same-origin',
      headers: {
        accept: 'text/event-stream',
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      },
      signal: AbortSignal.any([options.signal, silence.signal]),
    })
    if (!response.ok || response.body === null) throw await errorFrom(response)
    options.onState?.('connected')
    const parse = createEventParser((event) => options.onEvent(event))
    const decoder = new TextDecoder()
    const reader = response.body.getReader()
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), SILENCE_MS)
      parse(decoder.decode(chunk.value, { stream: true }))
    }
  } finally {
    clearTimeout(timer)
    // Whatever ended the reading, the connection ends with it.
    silence.abort()
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })

/**
 * Follows `GET /api/events` and reconnects with growing pauses until the signal aborts, which is when it resolves.
 * Rejects only when the control plane refuses the credentials (401, 403): repeating would not help.
 */
export async function followEvents(options: EventStreamOptions): Promise<void> {
  let attempt = 0
  while (!options.signal.aborted) {
    let reason: ApiError | undefined
    try {
      await readOnce({
        ...options,
        onState: (state) => {
          attempt = 0
          options.onState?.(state)
        },
      })
    } catch (error) {
      reason = error instanceof Error && error.name === 'ApiError' ? (error as ApiError) : unreachable(error)
      if (reason.status === 401 || reason.status === 403) throw reason
    }
    if (options.signal.aborted) return
    options.onState?.('disconnected', reason)
    await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 10_000, options.signal)
    attempt++
  }
}
