import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createCache } from '@millrace/cache'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { FILES } from './upstream.ts'

// A handler on bare `node:http` whose responses are cached, in as many ways as there are contenders.
const [port, kind] = process.argv.slice(2)

const TTL_MS = 3_600_000
const bodies = new Map(Object.entries(FILES).map(([path, bytes]) => [path, Buffer.alloc(bytes, 'x')]))

function handle(request: IncomingMessage, response: ServerResponse): void {
  const body = bodies.get(request.url!)
  if (body === undefined) response.writeHead(404).end()
  else {
    response.setHeader('content-type', 'text/plain')
    response.end(body)
  }
}

interface Stored {
  headers: Record<string, string>
  body: Buffer
}

const made = (path: string): Stored => {
  const body = bodies.get(path) ?? Buffer.alloc(0)
  return {
    headers: { 'content-type': 'text/plain', 'content-length': String(body.length), etag: '"1"' },
    body,
  }
}

const withBento = (options: { serialize?: false }) =>
  new BentoCache({
    default: 'one',
    stores: { one: bentostore().useL1Layer(memoryDriver({ maxItems: 10_000, ...options })) },
  })

const fail = (response: ServerResponse) => (): void => void response.writeHead(500).end()

const KINDS: Record<string, () => RequestListener> = {
  millrace: () => {
    const middleware = createCache({ namespaces: { pages: { ttlMs: TTL_MS } } }).middleware('pages')
    return (request, response) => middleware(request, response, () => handle(request, response))
  },
  /** The least that a cache can be: no freshness, no variants, no limits. */
  map: () => {
    const stored = new Map<string, Stored>()
    return (request, response) => {
      const key = request.url!
      let found = stored.get(key)
      if (found === undefined) stored.set(key, (found = made(key)))
      response.writeHead(200, found.headers)
      response.end(found.body)
    }
  },
  /** As it comes: memory holds JSON, so that a body is a text. */
  bentocache: () => {
    const bento = withBento({})
    const make = async (key: string) => {
      const { headers, body } = made(key)
      return { headers, body: body.toString() }
    }
    return (request, response) => {
      const key = request.url!
      bento
        .getOrSet({ key, ttl: TTL_MS, factory: () => make(key) })
        .then(({ headers, body }) => response.writeHead(200, headers).end(body), fail(response))
    }
  },
  /** Told to keep references, as a Map does. */
  'bentocache-references': () => {
    const bento = withBento({ serialize: false })
    return (request, response) => {
      const key = request.url!
      bento
        .getOrSet({ key, ttl: TTL_MS, factory: async () => made(key) })
        .then(({ headers, body }) => response.writeHead(200, headers).end(body), fail(response))
    }
  },
}

createServer(KINDS[kind!]!()).listen(Number(port), '127.0.0.1')
