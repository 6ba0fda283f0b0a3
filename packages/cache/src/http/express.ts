import { ServerResponse, type IncomingMessage } from 'node:http'
import { recordResponse } from './body.ts'
import { bagOf, isOfContent, takeConditions } from './header.ts'
import type { HttpCacheOptions } from './request.ts'
import { ResponseCache, type CacheParts, type Found } from './response-cache.ts'
import type { Hit, Production } from './production.ts'

/** What Express, Connect and Polka call; needs nothing of them. */
export type Middleware<Request extends IncomingMessage = IncomingMessage> = (
  request: Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** Cache-aside for GET, in front of a handler. A hit is answered in the turn of the event loop in which it was asked for. */
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
    let found: Found | Promise<Found>
    try {
      found = responses.look(view, request)
    } catch (error) {
      next(error)
      return
    }
    if (found instanceof Promise) found.then((now) => proceed(request, response, next, now), next)
    else proceed(request, response, next, found)
  }
}

function proceed(
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
  found: Found,
): void {
  if (found?.kind === 'hit') {
    answer(response, found)
    return
  }
  response.setHeader('x-cache', found === undefined ? 'BYPASS' : 'MISS')
  if (found !== undefined) capture(request, response, found)
  next()
}

/* oxlint-disable typescript/unbound-method */
function answer(response: ServerResponse, hit: Hit): void {
  const { writeHead, end } = ServerResponse.prototype
  // Node writes a list as it stands; a layer above that watches the headers may only know them one by one.
  if (response.writeHead === writeHead) response.writeHead(hit.status, hit.rawHeaders as string[])
  else setHead(response, hit)
  if (hit.text !== undefined && response.end === end) response.end(hit.text, 'latin1')
  else response.end(hit.body)
}
/* oxlint-enable typescript/unbound-method */

function setHead(response: ServerResponse, { status, rawHeaders }: Hit): void {
  response.statusCode = status
  for (const [name, value] of Object.entries(bagOf(rawHeaders))) response.setHeader(name, value)
}

/** Watches the handler's response; what it sends is sent, and a copy is stored when it may be. */
function capture(request: IncomingMessage, response: ServerResponse, miss: Production): void {
  // The handler must produce the whole response; whether the client has it already is decided here.
  const conditions = takeConditions(request.headers)
  response.once('close', () => miss.abandon())
  recordResponse(response, {
    maxBytes: miss.maxBodyBytes,
    isHopeless: (status, headers) => miss.isHopeless(status, headers),
    given: () => miss.pass(),
    ended: (produced, send) => {
      const { headers, instead, notModified, store } = miss.finish(produced, conditions)
      // A layer above may write the headers later, for instance once a session is saved.
      const whenWritten = (): void => {
        if (response.headersSent) store(response.getHeaders())
        else response.once('finish', () => store(response.getHeaders()))
      }
      if (response.headersSent) return whenWritten()
      if (instead !== undefined) {
        // Nothing of what describes the failure goes with it.
        for (const name of response.getHeaderNames()) response.removeHeader(name)
        setHead(response, instead)
        send(instead.body)
        return whenWritten()
      }
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      if (notModified) {
        for (const name of response.getHeaderNames()) if (isOfContent(name)) response.removeHeader(name)
        response.statusCode = 304
      }
      send(notModified ? undefined : produced.body)
      return whenWritten()
    },
  })
}
