import type { IncomingHttpHeaders } from 'node:http'
import { bagOf, isOfContent, takeConditions, type HeaderBag } from './header.ts'
import type { HttpCacheOptions } from './request.ts'
import { ResponseCache, type CacheParts } from './response-cache.ts'
import type { Hit, Production } from './production.ts'
import { isEventStream, type Fields } from './semantics/fields.ts'

/** The parts of a Hono context that are used, so that the package needs no Hono. */
export interface HonoContextLike {
  req: { raw: Request }
  res: Response
}

export type HonoMiddleware<Context extends HonoContextLike = HonoContextLike> = (
  context: Context,
  next: () => Promise<void>,
) => Promise<Response | undefined>

/**
 * Cache-aside for GET in Hono. A response is read to its end before it is sent, so that it can be compared with what the
 * visitor has; one that is longer than may be stored, or is a stream of events, is sent as it comes.
 */
export function honoMiddleware<Context extends HonoContextLike>(
  parts: CacheParts,
  namespace: string,
  options: HttpCacheOptions<Context>,
): HonoMiddleware<Context> {
  const responses = new ResponseCache<Context>(parts, namespace, options)
  return async (context, next) => {
    const { raw } = context.req
    const headers = headersOf(raw)
    const url = raw.url.slice(raw.url.indexOf('/', raw.url.indexOf('://') + 3))
    const found = await responses.look({ method: raw.method, url, headers }, context)
    if (found?.kind === 'hit') return answer(found)
    if (found === undefined) {
      await next()
      label(context, 'BYPASS')
      return undefined
    }
    // The handler must produce the whole response; whether the client has it already is decided here.
    const conditions = takeConditions(headers)
    if (Object.values(conditions).some((condition) => condition !== undefined)) {
      context.req.raw = new Request(raw, { headers: headers as Record<string, string> })
    }
    try {
      await next()
      await finish(context, found, conditions)
    } finally {
      found.abandon()
    }
    return undefined
  }
}

/** As Node has them; a runtime that hands over no `Host` has it in the address. */
function headersOf(request: Request): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = Object.fromEntries(request.headers)
  headers.host ??= new URL(request.url).host
  return headers
}

function answer({ status, rawHeaders, body }: Hit): Response {
  const headers = new Headers()
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!)
  // Copied: whoever is given a view of the stored bytes could change them for everybody.
  return new Response(body === undefined || body.byteLength === 0 ? null : new Uint8Array(body), {
    status,
    headers,
  })
}

async function finish(context: HonoContextLike, miss: Production, conditions: Fields): Promise<void> {
  const response = context.res
  const body = isEndless(response) ? undefined : await readAtMost(response, miss.maxBodyBytes)
  if (!Buffer.isBuffer(body)) {
    miss.pass()
    if (body !== undefined) replace(context, new Response(body.rest, response))
    label(context, 'MISS')
    return
  }
  const produced = { status: response.status, headers: bagOfHeaders(response.headers), body }
  const finished = miss.finish(produced, conditions)
  if (finished.instead !== undefined) replace(context, answer(finished.instead))
  else {
    const headers = new Headers(response.headers)
    for (const [name, value] of Object.entries(finished.headers)) headers.set(name, value)
    if (finished.notModified)
      for (const name of Array.from(headers.keys())) if (isOfContent(name)) headers.delete(name)
    const status = finished.notModified ? 304 : response.status
    const sent = finished.notModified || response.body === null ? null : new Uint8Array(body)
    replace(context, new Response(sent, { status, statusText: response.statusText, headers }))
  }
  finished.store()
}

/** Hono adds the headers of the response before to one that takes its place, unless there was none. */
function replace(context: HonoContextLike, response: Response): void {
  ;(context as { res: Response | undefined }).res = undefined
  context.res = response
}

/** What `fetch` brought has headers that nobody can change. */
function label(context: HonoContextLike, state: string): void {
  const { res } = context
  try {
    res.headers.set('x-cache', state)
  } catch {
    const headers = new Headers(res.headers)
    headers.set('x-cache', state)
    const { status, statusText } = res
    replace(context, new Response(res.body, { status, statusText, headers }))
  }
}

const isEndless = ({ headers }: Response): boolean =>
  isEventStream(headers.get('content-type') ?? undefined) || headers.has('transfer-encoding')

/** The whole body, or, when it is longer, a stream that begins again with what was read. */
async function readAtMost(
  { body }: Response,
  maxBytes: number,
): Promise<Buffer | { rest: ReadableStream<Uint8Array> }> {
  if (body === null) return Buffer.alloc(0)
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(chunks)
    chunks.push(value)
    bytes += value.byteLength
    if (bytes > maxBytes) return { rest: continued(chunks, reader) }
  }
}

function continued(
  read: readonly Uint8Array[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  const first = read.values()
  return new ReadableStream({
    async pull(controller) {
      const known = first.next()
      const { done, value } = known.done === true ? await reader.read() : { done: false, value: known.value }
      if (done || value === undefined) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
}

function bagOfHeaders(headers: Headers): HeaderBag {
  const raw: string[] = []
  for (const [name, value] of headers) raw.push(name, value)
  return bagOf(raw)
}
