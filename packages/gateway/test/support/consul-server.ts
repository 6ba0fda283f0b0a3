import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ConsulInstance {
  id: string
  address?: string
  port: number
  node?: string
  tags?: string[]
  weights?: { Passing: number; Warning: number }
  checks?: ('passing' | 'warning' | 'critical')[]
}

/** Query parameters that the documentation of `/v1/health/service/:service` names, and those of every endpoint. */
const PARAMETERS = new Set([
  'dc',
  'near',
  'tag',
  'node-meta',
  'passing',
  'filter',
  'merge-central-config',
  'ns',
  'index',
  'wait',
  'stale',
  'consistent',
  'cached',
  'pretty',
])
/** Go's time.ParseDuration, as far as Consul's `wait` is documented. */
const DURATION = /^(\d+(\.\d+)?(ms|s|m))+$/
const MAX_WAIT_MS = 600_000

/**
 * Behaves as Consul's HTTP API is documented for one endpoint, blocking queries and ACL tokens, and refuses with 400 what
 * it does not document: github.com/hashicorp/consul, website/content/api-docs/{health,features/blocking}.mdx.
 */
export class ConsulFixture {
  readonly services = new Map<string, ConsulInstance[]>()
  index = 10
  token: string | undefined
  failure: { status: number; text: string } | undefined
  /** Path and query of every request. */
  readonly asked: string[] = []
  /** What no documentation names; `stop` rejects with it. */
  readonly refused: string[] = []
  readonly #server: Server
  readonly #waiting = new Set<() => void>()
  address = ''

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.address = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get blocked(): number {
    return this.#waiting.size
  }

  /** Every write has an index of its own, and wakes those who wait. */
  set(service: string, ...instances: ConsulInstance[]): void {
    this.services.set(service, instances)
    this.change(this.index + 1)
  }

  change(index: number): void {
    this.index = index
    for (const wake of this.#waiting) wake()
  }

  cut(): void {
    this.#server.closeAllConnections()
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
    if (this.refused.length > 0) throw new Error(`not in the API: ${this.refused.join(', ')}`)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.asked.push(request.url!)
    const url = new URL(request.url!, 'http://consul')
    const reason = this.#problem(request, url)
    if (reason !== undefined) {
      this.refused.push(reason)
      response.writeHead(400).end(reason)
    } else if (this.failure !== undefined) {
      response.writeHead(this.failure.status).end(this.failure.text)
    } else if (this.token !== undefined && request.headers['x-consul-token'] !== this.token) {
      response.writeHead(403).end('Permission denied: token with AccessorID lacks permission "service:read"')
    } else this.#block(url, response)
  }

  #problem(request: IncomingMessage, url: URL): string | undefined {
    if (request.method !== 'GET') return `method ${request.method}`
    if (!/^\/v1\/health\/service\/[^/]+$/.test(url.pathname)) return `path ${url.pathname}`
    for (const name of url.searchParams.keys()) if (!PARAMETERS.has(name)) return `parameter ${name}`
    const index = url.searchParams.get('index')
    if (index !== null && !/^\d+$/.test(index)) return 'Invalid index'
    const wait = url.searchParams.get('wait')
    if (wait !== null && !DURATION.test(wait)) return 'Invalid wait time'
    return undefined
  }

  /** "A small random amount of additional wait time is added": wait / 16. Here always all of it. */
  #block(url: URL, response: ServerResponse): void {
    const index = Number(url.searchParams.get('index') ?? 0)
    const text = url.searchParams.get('wait') ?? '5m'
    const waitMs = Math.min(milliseconds(text), MAX_WAIT_MS)
    const reply = (): void => {
      clearTimeout(timer)
      this.#waiting.delete(wake)
      const service = decodeURIComponent(url.pathname.split('/').at(-1)!)
      response.setHeader('x-consul-index', String(this.index))
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(this.#entries(service, url)))
    }
    const wake = (): void => {
      if (this.index !== index) reply()
    }
    const timer = setTimeout(reply, waitMs + waitMs / 16)
    response.on('close', () => {
      clearTimeout(timer)
      this.#waiting.delete(wake)
    })
    if (index === 0 || this.index > index) reply()
    else this.#waiting.add(wake)
  }

  #entries(service: string, url: URL): object[] {
    const tags = url.searchParams.getAll('tag')
    const passing = url.searchParams.get('passing')
    return (this.services.get(service) ?? [])
      .filter(({ tags: own = [] }) => tags.every((tag) => own.includes(tag)))
      .filter(
        ({ checks = ['passing'] }) =>
          passing === null || passing === 'false' || checks.every((state) => state === 'passing'),
      )
      .map(
        ({ id, address = '', port, node = '10.1.1.1', tags: own = [], weights, checks = ['passing'] }) => ({
          Node: { ID: `node-${id}`, Node: `node-${id}`, Address: node, Datacenter: 'dc1', Meta: null },
          Service: {
            ID: id,
            Service: service,
            Tags: own,
            Address: address,
            Meta: null,
            Port: port,
            Weights: weights ?? { Passing: 1, Warning: 1 },
            CreateIndex: 1,
            ModifyIndex: this.index,
          },
          Checks: checks.map((state, i) => ({
            Node: `node-${id}`,
            CheckID: `check-${i}`,
            Status: state,
            ServiceID: id,
          })),
        }),
      )
  }
}

function milliseconds(duration: string): number {
  const units = { ms: 1, s: 1_000, m: 60_000 }
  return [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m)/g)].reduce(
    (sum, [, value, unit]) => sum + Number(value) * units[unit as keyof typeof units],
    0,
  )
}
