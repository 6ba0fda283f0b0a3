import type { IncomingMessage, ServerResponse } from 'node:http'
import { recordResponse } from './body.ts'
import type { HeaderBag } from './header.ts'
import type { HttpCacheOptions } from './request.ts'
import { ResponseCache, withoutContent, type CacheParts, type Hit, type Miss } from './response-cache.ts'

/** What Express, Connect and Polka call; needs nothing of them. */
export type Middleware<Request extends IncomingMessage = IncomingMessage> = (
  request: Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** Cache-aside for GET, in front of a handler. */
export function cacheMiddleware<Request extends IncomingMessage>(
  parts: CacheParts,
  namespace: string,
  options: HttpCacheOptions<Request>,
): Middleware<Request> {
  const responses = new ResponseCache<Request>(parts, namespace, options)
  return (request, response, next) => {
    // Routers rewrite `url`; the key needs what the client sent.
    const { originalUrl } = request as { originalUrl?: string }
    const view = {
      method: request.method ?? 'GET',
      url: originalUrl ?? request.url ?? '/',
      headers: request.headers,
    }
    void serve(request, response, next, () => responses.look(view, request))
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
  look: () => Promise<Hit | Miss | undefined>,
): Promise<void> {
  let found: Hit | Miss | undefined
  try {
    found = await look()
  } catch (error) {
    next(error)
    return
  }
  if (found?.kind === 'hit') {
    answer(response, found)
    return
  }
  response.setHeader('x-cache', found === undefined ? 'BYPASS' : 'MISS')
  if (found !== undefined) capture(request, response, found)
  next()
}

function answer(response: ServerResponse, hit: Hit): void {
  response.statusCode = hit.status
  for (const [name, value] of Object.entries(hit.headers)) response.setHeader(name, value)
  if (hit.body !== undefined) response.setHeader('content-length', hit.body.byteLength)
  response.end(hit.body)
}

/** Watches the handler's response; what it sends is sent, and a copy is stored when it may be. */
function capture(request: IncomingMessage, response: ServerResponse, miss: Miss): void {
  // The handler must produce the whole response; whether the client has it already is decided here.
  delete request.headers['if-none-match']
  delete request.headers['if-modified-since']
  response.once('close', () => miss.abandon())
  recordResponse(response, {
    maxBytes: miss.maxBodyBytes,
    tooLong: () => miss.pass(),
    ended: (produced, send) => {
      const { headers, notModified, store } = miss.finish(produced)
      // A layer above may write the headers later, for instance once a session is saved.
      const whenWritten = (): void => {
        if (response.headersSent) store(response.getHeaders())
        else response.once('finish', () => store(response.getHeaders()))
      }
      if (response.headersSent) return whenWritten()
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      if (notModified) {
        const kept: HeaderBag = withoutContent(response.getHeaders())
        for (const name of response.getHeaderNames()) {
          if (kept[name] === undefined) response.removeHeader(name)
        }
        response.statusCode = 304
      }
      send(notModified ? undefined : produced.body)
      return whenWritten()
    },
  })
}
