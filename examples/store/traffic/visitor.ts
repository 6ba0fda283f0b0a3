import type { IncomingHttpHeaders } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '@millrace-store/store/data'
import type { Dispatcher } from 'undici'
import type { Recorder } from './report.ts'

/** What a browser asks for pictures with. */
const PICTURE_ACCEPT = 'image/avif,image/webp,image/*,*/*;q=0.8'
const PAGE_ACCEPT = 'text/html,*/*;q=0.8'
const DATA_ACCEPT = 'application/json'

export interface Answer<Body = unknown> {
  status: number
  /** Undefined when there was no answer, or none in JSON. */
  body: Body | undefined
}

/** One visitor: what a browser with one person in front of it would send. */
export interface Visitor {
  random: Random
  /** The HTML of a page, as when somebody comes from elsewhere. */
  page(path: string): Promise<void>
  get<Body>(path: string): Promise<Answer<Body>>
  send<Body>(method: 'POST' | 'PUT', path: string, body: unknown): Promise<Answer<Body>>
  /** A picture through the image optimiser, as wide as a screen of this visitor's would ask for. */
  picture(src: string): Promise<void>
  /** Looks at the page for a while. */
  think(): Promise<void>
}

export interface VisitorOptions {
  client: Dispatcher
  recorder: Recorder
  random: Random
  thinkMs: number
  signal: AbortSignal
}

export function createVisitor({ client, recorder, random, thinkMs, signal }: VisitorOptions): Visitor {
  const width = random.pick([256, 384, 640, 828, 1_080])

  const request = async (
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    accept: string,
    body?: unknown,
  ): Promise<{ status: number; text: string }> => {
    const started = performance.now()
    try {
      const response = await client.request({
        method,
        path,
        signal,
        headers: { accept, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: body === undefined ? null : JSON.stringify(body),
      })
      const bytes = await response.body.arrayBuffer()
      recorder.answer(
        response.statusCode,
        performance.now() - started,
        bytes.byteLength,
        cacheResult(response.headers),
      )
      return {
        status: response.statusCode,
        text: accept === DATA_ACCEPT ? Buffer.from(bytes).toString() : '',
      }
    } catch (error) {
      // The end of the run is nobody's failure.
      if (!signal.aborted) recorder.noAnswer(error)
      return { status: 0, text: '' }
    }
  }

  const json = async <Body>(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: unknown,
  ): Promise<Answer<Body>> => {
    const { status, text } = await request(method, path, DATA_ACCEPT, body)
    if (status === 0 || status >= 400) return { status, body: undefined }
    return { status, body: JSON.parse(text) as Body }
  }

  return {
    random,
    page: async (path) => {
      await request('GET', path, PAGE_ACCEPT)
    },
    get: (path) => json('GET', path),
    send: (method, path, body) => json(method, path, body),
    picture: async (src) => {
      await request('GET', `/_millrace/image?src=${encodeURIComponent(src)}&w=${width}`, PICTURE_ACCEPT)
    },
    think: async () => {
      // Exponential: most pauses are short, a few are long.
      const pause = -Math.log(1 - random.next()) * thinkMs
      await delay(Math.min(pause, thinkMs * 8), undefined, { signal }).catch(() => undefined)
    },
  }
}

/** What the gateway's cache says (RFC 9211), or the service's own: an X-Cache in a stored answer is of when it was stored. */
function cacheResult(headers: IncomingHttpHeaders): string | undefined {
  if (/; hit\b/.test(String(headers['cache-status'] ?? ''))) return 'HIT'
  const own = headers['x-cache']
  return typeof own === 'string' ? own : undefined
}
