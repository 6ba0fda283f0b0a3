import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { V1EndpointSlice } from '@kubernetes/client-node'

export const certificateFile = fileURLToPath(new URL('./tls/certificate.pem', import.meta.url))
const keyFile = fileURLToPath(new URL('./tls/key.pem', import.meta.url))

const NAMESPACE = 'store'
const PATH = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`
/** Query parameters of list and watch in the API's reference. */
const PARAMETERS = new Set([
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'pretty',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
])

interface Event {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  version: number
  object: V1EndpointSlice
}

export type SliceSpec = Omit<Partial<V1EndpointSlice>, 'metadata'> & {
  name: string
  service?: string
}

/**
 * Behaves as the API server does for EndpointSlices, over TLS: list in pages, watch from a version with a history that ends
 * somewhere (410 Gone), bookmarks, Bearer tokens. What the API does not know is answered with 400.
 */
export class KubernetesFixture {
  token = 'secret'
  /** 410 as the API server says it: in the stream, or as the answer's status. */
  gone: 'event' | 'status' = 'event'
  failure: { code: number; message: string } | undefined
  readonly asked: URL[] = []
  /** What the API does not have; `stop` rejects with it. */
  readonly refused: string[] = []
  /** Watches that are open. */
  readonly watches = new Set<{ version: number; response: ServerResponse; selector: string }>()
  #version = 100
  #oldest = 0
  readonly #slices = new Map<string, V1EndpointSlice>()
  #history: Event[] = []
  readonly #server: Server
  address = ''

  constructor() {
    const options = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) }
    this.#server = createServer(options, (request, response) => this.#answer(request, response))
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.address = `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  set({ name, service = 'shop', ...rest }: SliceSpec): void {
    const version = ++this.#version
    const type = this.#slices.has(name) ? 'MODIFIED' : 'ADDED'
    const object: V1EndpointSlice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name,
        namespace: NAMESPACE,
        labels: { 'kubernetes.io/service-name': service },
        resourceVersion: String(version),
      },
      addressType: 'IPv4',
      endpoints: [],
      ports: [{ name: 'http', port: 8_080, protocol: 'TCP' }],
      ...rest,
    }
    this.#slices.set(name, object)
    this.#publish({ type, version, object })
  }

  delete(name: string): void {
    const version = ++this.#version
    const object = this.#slices.get(name)!
    this.#slices.delete(name)
    const gone = structuredClone(object)
    gone.metadata!.resourceVersion = String(version)
    this.#publish({ type: 'DELETED', version, object: gone })
  }

  /** Other things happen in the cluster: the version goes on, and watches hear of it by a bookmark only. */
  bookmark(): void {
    this.#version += 100
    const metadata = { resourceVersion: String(this.#version), creationTimestamp: null }
    const object = {
      kind: 'EndpointSlice',
      apiVersion: 'discovery.k8s.io/v1',
      metadata,
      endpoints: null,
      ports: null,
      addressType: '',
    }
    for (const { response } of this.watches)
      response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
  }

  /** The history up to now is forgotten: watches from before get 410. */
  compact(): void {
    this.#oldest = this.#version
    this.#history = []
  }

  /** Ends all watches as the server does after `timeoutSeconds`. */
  endWatches(): void {
    for (const { response } of this.watches) response.end()
  }

  cut(): void {
    this.#server.closeAllConnections()
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
    if (this.refused.length > 0) throw new Error(`not in the API: ${this.refused.join(', ')}`)
  }

  #publish(event: Event): void {
    this.#history.push(event)
    for (const watch of this.watches) send(watch, event)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, this.address)
    this.asked.push(url)
    const problem = problemOf(request, url)
    if (problem !== undefined) {
      this.refused.push(problem)
      status(response, 400, problem)
    } else if (request.headers.authorization !== `Bearer ${this.token}`) {
      status(response, 401, 'Unauthorized')
    } else if (this.failure !== undefined) {
      status(response, this.failure.code, this.failure.message)
    } else if (url.searchParams.get('watch') !== null && url.searchParams.get('watch') !== 'false') {
      this.#watch(url, response)
    } else this.#list(url, response)
  }

  #list(url: URL, response: ServerResponse): void {
    const selector = url.searchParams.get('labelSelector') ?? ''
    const all = [...this.#slices.values()].filter((slice) => selects(selector, slice))
    const [version = String(this.#version), from = '0'] = (url.searchParams.get('continue') ?? '')
      .split('/')
      .filter(Boolean)
    if (Number(version) < this.#oldest) {
      status(response, 410, 'The provided continue parameter is too old')
      return
    }
    const limit = Number(url.searchParams.get('limit') ?? 0) || all.length
    const next = Number(from) + limit
    const metadata = {
      resourceVersion: version,
      ...(next < all.length ? { continue: `${version}/${next}`, remainingItemCount: all.length - next } : {}),
    }
    const items = all.slice(Number(from), next)
    json(response, 200, { kind: 'EndpointSliceList', apiVersion: 'discovery.k8s.io/v1', metadata, items })
  }

  #watch(url: URL, response: ServerResponse): void {
    const version = Number(url.searchParams.get('resourceVersion') ?? 0)
    const selector = url.searchParams.get('labelSelector') ?? ''
    const message = `too old resource version: ${version} (${this.#oldest})`
    if (version < this.#oldest && this.gone === 'status') {
      status(response, 410, message)
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    if (version < this.#oldest) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: statusObject(410, message) })}\n`)
      return
    }
    const watch = { version, response, selector }
    for (const event of this.#history) send(watch, event)
    this.watches.add(watch)
    response.on('close', () => this.watches.delete(watch))
  }
}

function send(watch: { version: number; response: ServerResponse; selector: string }, event: Event): void {
  if (event.version <= watch.version || !selects(watch.selector, event.object)) return
  const line = `${JSON.stringify({ type: event.type, object: event.object })}\n`
  // In two pieces, as it may come over a network.
  watch.response.write(line.slice(0, 40))
  watch.response.write(line.slice(40))
}

function selects(selector: string, slice: V1EndpointSlice): boolean {
  const [label, value] = selector.split('=')
  return selector === '' || slice.metadata!.labels![label!] === value
}

function problemOf(request: IncomingMessage, url: URL): string | undefined {
  if (request.method !== 'GET') return `method ${request.method}`
  if (url.pathname !== PATH) return `path ${url.pathname}`
  for (const name of url.searchParams.keys()) if (!PARAMETERS.has(name)) return `parameter ${name}`
  return undefined
}

const statusObject = (code: number, message: string): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason: code === 410 ? 'Expired' : 'Unknown',
  code,
})
const status = (response: ServerResponse, code: number, message: string): void =>
  json(response, code, statusObject(code, message))

function json(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
