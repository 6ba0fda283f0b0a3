import {
  createServer,
  request,
  Agent,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net'
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
  type ServerOptions,
} from 'node:http2'
import type { GatewayEngine, GatewayTable } from '../drivers/driver.ts'
import type { GatewayOptions } from '../drivers/node.ts'
import { patienceMs } from './patience.ts'
import { RawConnection } from './raw-connection.ts'

/** Makes an engine that listens on a free port of 127.0.0.1. */
export type CreateEngine = (options: GatewayOptions) => GatewayEngine

export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  rawHeaders: string[]
  trailers: IncomingMessage['trailers']
  body: Buffer
  text: string
}

export interface AskOptions {
  method?: string
  headers?: Record<string, string | string[]>
  body?: string | Buffer
  agent?: Agent
  timeoutMs?: number
}

/** Backends, an engine and connections of one test; `close` ends them all. */
export class Fixture {
  readonly #create: CreateEngine
  readonly #lacking: ReadonlySet<string>
  readonly #cleanups: (() => Promise<void> | void)[] = []
  engine!: GatewayEngine
  port = 0
  /** 0: the engine has no TLS. */
  tlsPort = 0

  /** `lacking`: fields of a table that the engine refuses. */
  constructor(create: CreateEngine, lacking: readonly string[] = []) {
    this.#create = create
    this.#lacking = new Set(lacking)
  }

  /** Called when the test is over, the last one first. */
  cleanup(end: () => Promise<void> | void): void {
    this.#cleanups.push(end)
  }

  /** Ports of HTTP backends that answer with the listener. */
  async backend(listener: RequestListener, configure?: (server: Server) => void): Promise<number> {
    const server = createServer(listener)
    // Node lets go of a connection that is upgraded, and an engine may reset it.
    server.on('connection', (socket) => socket.on('error', () => undefined))
    configure?.(server)
    this.#cleanups.push(() => server.closeAllConnections())
    return this.#listen(server)
  }

  /** Ports of backends that speak HTTP/2 with prior knowledge and answer with the listener. */
  async http2Backend(
    listener: (req: Http2ServerRequest, res: Http2ServerResponse) => void,
    configure?: (server: Http2Server) => void,
    options: ServerOptions = {},
  ): Promise<number> {
    const server = createHttp2Server(options, listener)
    const sessions = new Set<ServerHttp2Session>()
    server.on('session', (session) => {
      sessions.add(session)
      session.on('error', () => undefined)
      session.on('close', () => sessions.delete(session))
    })
    configure?.(server)
    this.#cleanups.push(() => {
      for (const session of sessions) session.destroy()
    })
    return this.#listen(server)
  }

  /** A backend that speaks by hand. */
  async rawBackend(onConnection: (socket: Socket) => void): Promise<number> {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined)
      this.#cleanups.push(() => void socket.destroy())
      onConnection(socket)
    })
    return this.#listen(server)
  }

  async #listen(server: TcpServer | Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    this.#cleanups.push(() => new Promise<void>((resolve) => server.close(() => resolve())))
    return (server.address() as AddressInfo).port
  }

  /** A port on which nothing listens. */
  async closedPort(): Promise<number> {
    const server = createTcpServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    return port
  }

  /** Starts the engine. Numbers are ports of one pool `app` that gets everything. */
  async start(target: number | number[] | GatewayTable, options: GatewayOptions = {}): Promise<void> {
    const table = typeof target === 'object' && 'routes' in target ? target : onePool(target)
    const engine = this.#create({ ...options, ...table })
    this.engine = engine
    this.#cleanups.push(() => engine.close({ deadlineMs: 0 }))
    const address = await this.engine.listen()
    this.port = address.port
    this.tlsPort = address.tls?.port ?? 0
  }

  /**
   * Starts the engine with a table that has a certain field. Where the engine lacks that feature: false, after the table was
   * refused with GATEWAY_TABLE_INVALID by that name.
   */
  async startWith(feature: string, table: GatewayTable, options: GatewayOptions = {}): Promise<boolean> {
    if (!this.#lacking.has(feature)) {
      await this.start(table, options)
      return true
    }
    const error: unknown = await this.start(table, options).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    const { code, details } = (error ?? {}) as { code?: string; details?: { problems?: string[] } }
    if (code !== 'GATEWAY_TABLE_INVALID' || !details?.problems?.some((problem) => problem.includes(feature)))
      throw new Error(`a table with '${feature}' was not refused as it should be`, { cause: error })
    return false
  }

  async connect(): Promise<RawConnection> {
    const connection = await RawConnection.open(this.port)
    this.#cleanups.push(() => connection.destroy())
    return connection
  }

  agent(): Agent {
    const agent = new Agent({ keepAlive: true })
    this.#cleanups.push(() => agent.destroy())
    return agent
  }

  ask(path: string, options: AskOptions = {}): Promise<Answer> {
    const { method = 'GET', headers = {}, body, agent = false, timeoutMs = patienceMs() } = options
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port: this.port, path, method, headers, agent, timeout: timeoutMs },
        (response) => void wholeAnswer(response).then(resolve, reject),
      )
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)))
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.reverse()) await cleanup()
  }
}

/** All of a response. */
export function wholeAnswer(response: IncomingMessage): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', reject)
    response.on('end', () => {
      const body = Buffer.concat(chunks)
      const { headers, rawHeaders, trailers } = response
      resolve({
        status: response.statusCode!,
        headers,
        rawHeaders,
        trailers,
        body,
        text: body.toString(),
      })
    })
  })
}

export function onePool(ports: number | readonly number[], name = 'app'): GatewayTable {
  const list = typeof ports === 'number' ? [ports] : ports
  return {
    routes: [{ prefix: '/', pool: name }],
    pools: [
      {
        name,
        backends: list.map((port, index) => ({ id: `${name}/${index + 1}`, host: '127.0.0.1', port })),
      },
    ],
  }
}

/** Looks until it holds; rejects after `timeoutMs`. */
export async function eventually(
  condition: () => boolean,
  what: string,
  timeoutMs = patienceMs(),
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
