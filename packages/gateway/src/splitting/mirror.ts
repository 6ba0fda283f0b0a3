import type { Dispatcher } from 'undici'
import { hashText } from '../balancing/hash.ts'
import type { Mirror } from '../drivers/driver.ts'
import type { Backend } from '../pools/backend.ts'
import type { GatewayInstruments } from '../pools/pool-metrics.ts'
import type { BackendPool } from '../pools/pool.ts'
import type { Applicant } from '../pools/waiting-line.ts'
import { failureReason } from '../proxy/upstream-error.ts'

type Controller = Dispatcher.DispatchController

/** How a backend sees that nobody waits for its answer. */
export const MIRROR_HEADER = 'x-millrace-mirror'
/** Copies under way in one process; beyond it none is made. */
const MAX_COPIES = 64
const COPY_MS = 10_000
const DEFAULT_BODY_BYTES = 65_536
const SAFE: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'QUERY']
const NOT_WANTED = new Error('nobody waits for the answer to a copy')

/** What of a request is copied. */
export interface Mirrored {
  method: string
  path: string
  rawHeaders: readonly string[]
  hasBody: boolean
}

/** Sends copies of requests. Nothing that becomes of one concerns the request that it is of. */
export class Mirrors {
  readonly #instruments: GatewayInstruments
  #copies = 0

  constructor(instruments: GatewayInstruments) {
    this.#instruments = instruments
  }

  /**
   * Copies a request, if it is its turn. Of one with a body the copy leaves when the body is complete: what comes back has
   * to be given the chunks.
   */
  begin(mirror: Mirror, pool: BackendPool, request: Mirrored): BodyCopy | undefined {
    if (!(mirror.methods ?? SAFE).includes(request.method)) return undefined
    if (Math.random() * 100 >= mirror.share) return undefined
    if (this.#copies >= MAX_COPIES) {
      this.count(pool.name, 'dropped')
      return undefined
    }
    this.#copies++
    if (request.hasBody) return new BodyCopy(this, mirror.maxBodyBytes ?? DEFAULT_BODY_BYTES, pool, request)
    this.send(pool, request, undefined)
    return undefined
  }

  send(pool: BackendPool, request: Mirrored, body: Buffer | undefined): void {
    new Copy(this, pool, request, body).start()
  }

  count(pool: string, outcome: 'sent' | 'failed' | 'dropped'): void {
    this.#instruments.mirrored.with({ pool, outcome }).add()
  }

  ended(): void {
    this.#copies--
  }
}

/** Keeps a body on its way until it is complete, unless it becomes too large. */
export class BodyCopy {
  readonly #mirrors: Mirrors
  readonly #maxBytes: number
  readonly #pool: BackendPool
  readonly #request: Mirrored
  #chunks: Buffer[] = []
  #bytes = 0
  #over = false

  constructor(mirrors: Mirrors, maxBytes: number, pool: BackendPool, request: Mirrored) {
    this.#mirrors = mirrors
    this.#maxBytes = maxBytes
    this.#pool = pool
    this.#request = request
  }

  add(chunk: Buffer): void {
    if (this.#over) return
    this.#bytes += chunk.length
    if (this.#bytes > this.#maxBytes) this.abandon()
    else this.#chunks.push(chunk)
  }

  complete(): void {
    if (this.#over) return
    this.#over = true
    this.#mirrors.send(this.#pool, this.#request, Buffer.concat(this.#chunks))
    this.#chunks = []
  }

  /** Too large, or the visitor left in the middle. Harmless after `complete`. */
  abandon(): void {
    if (this.#over) return
    this.#over = true
    this.#chunks = []
    this.#mirrors.count(this.#pool.name, 'dropped')
    this.#mirrors.ended()
  }
}

/** One copy: one attempt, its answer read and thrown away, all of it limited in time. */
class Copy implements Applicant, Dispatcher.DispatchHandler {
  readonly tried = undefined
  readonly preferred = undefined
  readonly #mirrors: Mirrors
  readonly #pool: BackendPool
  readonly #request: Mirrored
  readonly #body: Buffer | undefined
  #backend: Backend | undefined = undefined
  #controller: Controller | undefined = undefined
  #assignedAt = 0
  #sent = false
  #over = false
  #timer: NodeJS.Timeout | undefined = undefined

  constructor(mirrors: Mirrors, pool: BackendPool, request: Mirrored, body: Buffer | undefined) {
    this.#mirrors = mirrors
    this.#pool = pool
    this.#request = request
    this.#body = body
  }

  get done(): boolean {
    return this.#over
  }

  start(): void {
    this.#timer = setTimeout(() => this.#expire(), COPY_MS)
    this.#timer.unref()
    this.#pool.apply(this)
  }

  #expire(): void {
    if (this.#controller === undefined) this.#finish('failed')
    else this.#controller.abort(NOT_WANTED)
  }

  #finish(outcome: 'sent' | 'failed'): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    this.#mirrors.count(this.#pool.name, outcome)
    this.#mirrors.ended()
  }

  key(): number {
    return hashText(this.#request.path)
  }

  assigned(backend: Backend, now: number): void {
    if (this.#over) {
      this.#pool.release(backend)
      return
    }
    this.#backend = backend
    this.#assignedAt = now
    const { method, path, rawHeaders } = this.#request
    backend.connections.dispatch(
      {
        method: method as Dispatcher.HttpMethod,
        path,
        headers: withLength(rawHeaders, this.#body),
        body: this.#body ?? null,
        servername: backend.host,
      } as Dispatcher.DispatchOptions,
      this,
    )
  }

  refused(): void {
    this.#finish('failed')
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    this.#sent = true
    if (this.#over) controller.abort(NOT_WANTED)
  }

  onResponseStart(_controller: Controller, status: number): void {
    if (status >= 200) this.#pool.reached(this.#backend!, status, this.#assignedAt)
  }

  onResponseData(): void {
    // Read, so that the connection can be used again.
  }

  onResponseEnd(): void {
    this.#pool.release(this.#backend!)
    this.#finish('sent')
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    const backend = this.#backend
    if (backend === undefined) return
    this.#backend = undefined
    if (error !== NOT_WANTED) {
      const reason = failureReason(error, this.#sent)
      if (reason !== 'exhausted' && reason !== 'request') this.#pool.failed(backend, reason, this.#assignedAt)
    }
    this.#pool.release(backend)
    this.#finish('failed')
  }
}

/** Marked, and with the length of what was kept in place of how the body came. */
function withLength(rawHeaders: readonly string[], body: Buffer | undefined): string[] {
  const headers: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() === 'content-length') continue
    headers.push(rawHeaders[i]!, rawHeaders[i + 1]!)
  }
  headers.push(MIRROR_HEADER, '1')
  if (body !== undefined) headers.push('content-length', String(body.length))
  return headers
}
