import type { Clock, Instance, Logger } from '@millrace/core'
import { isBackendHost } from '../routing/host-pattern.ts'
import type { DiscoveredBackend, DiscoverySource, SourceKind } from './source.ts'

/** An answer with more is cut, and says so. */
export const MAX_BACKENDS = 1_000

export interface DiscoveryStatus {
  pool: string
  source: SourceKind
  target: string
  /** waiting: no answer yet. ok: the last question was answered. failing: it was not, and the backends found last stay. */
  state: 'waiting' | 'ok' | 'failing'
  backends: number
  draining: number
  /** Milliseconds since the epoch. */
  answeredAt: number | undefined
  changedAt: number | undefined
  /** Why the last question failed, and how often in a row one did. */
  error: string | undefined
  failures: number
}

export interface DiscoveryOptions {
  pool: string
  source: DiscoverySource
  /** Without an answer, the backends known last stay this long. */
  keepMs: number
  /** Default: the source's. */
  whenEmpty?: 'keep' | 'remove' | undefined
  /** How long one that leaves is shown as draining before it is forgotten. */
  drainMs: number
  clock: Clock
  logger: Logger
  onChange: () => void
  onResult?: (pool: string, source: SourceKind, result: 'answered' | 'failed') => void
}

interface Known {
  instance: Instance
  /** Monotonic; undefined: it is still there. */
  leavesAt: number | undefined
}

/**
 * The backends of one application as its source said last. A source that fails takes nobody out: whether a backend answers is the
 * business of health checks. One that leaves finishes what it has.
 */
export class Discovery {
  readonly #options: DiscoveryOptions
  readonly #known = new Map<string, Known>()
  readonly #aborter = new AbortController()
  readonly #first = Promise.withResolvers<void>()
  readonly #status: DiscoveryStatus
  #answered: number | undefined
  #alarm = new AbortController()

  constructor(options: DiscoveryOptions) {
    this.#options = options
    const { pool, source } = options
    this.#status = {
      pool,
      source: source.kind,
      target: source.target,
      state: 'waiting',
      backends: 0,
      draining: 0,
      answeredAt: undefined,
      changedAt: undefined,
      error: undefined,
      failures: 0,
    }
  }

  /** Resolves when the source has answered or failed for the first time. */
  async start(): Promise<void> {
    const { source } = this.#options
    const report = {
      found: (backends: readonly DiscoveredBackend[]) => this.#found(backends),
      failed: (error: unknown) => this.#failed(error),
    }
    source.follow(report, this.#aborter.signal).then(
      () => this.#first.resolve(),
      // A source must not end: this is a defect of it, and what it found stays as with any other failure.
      (error: unknown) => this.#failed(error),
    )
    await this.#first.promise
  }

  stop(): void {
    this.#aborter.abort(new Error('discovery ends'))
    this.#alarm.abort()
  }

  instances(): Instance[] {
    return [...this.#known.values()].map(({ instance }) => instance)
  }

  status(): DiscoveryStatus {
    const draining = this.instances().filter(({ state }) => state === 'draining').length
    return { ...this.#status, backends: this.#known.size - draining, draining }
  }

  #found(all: readonly DiscoveredBackend[]): void {
    if (this.#aborter.signal.aborted) return
    const { source, whenEmpty = source.whenEmpty, clock, logger, pool } = this.#options
    // One whose address is none must not keep the others, and every other application, from being used.
    const backends = all.filter(({ host }) => isBackendHost(host))
    const useless = all.find(({ host }) => !isBackendHost(host))
    if (backends.length === 0 && useless !== undefined) {
      this.#failed(new Error(`no backend has an address that can be used, such as '${useless.host}'`))
      return
    }
    if (backends.length === 0 && whenEmpty === 'keep') {
      this.#failed(new Error('the answer names no backend'))
      return
    }
    if (this.#status.state === 'failing')
      logger.info({ pool, source: source.kind }, 'backends are found again')
    const error = complaint(backends.length, useless?.host)
    if (error !== undefined && error !== this.#status.error) logger.warn({ pool }, error)
    Object.assign(this.#status, { state: 'ok', answeredAt: clock.now(), error, failures: 0 })
    this.#answered = clock.monotonic()
    this.#options.onResult?.(pool, source.kind, 'answered')
    this.#become(backends.slice(0, MAX_BACKENDS))
    this.#first.resolve()
  }

  #failed(error: unknown): void {
    if (this.#aborter.signal.aborted) return
    const { pool, source, logger, onResult } = this.#options
    const reason = error instanceof Error ? error.message : String(error)
    if (this.#status.error !== reason) {
      logger.warn(
        { pool, source: source.kind, target: source.target, reason, kept: this.#known.size },
        'backends could not be looked up; those known last stay',
      )
    }
    this.#status.state = 'failing'
    this.#status.error = reason.slice(0, 300)
    this.#status.failures++
    onResult?.(pool, source.kind, 'failed')
    this.#expire()
    this.#first.resolve()
  }

  #become(backends: readonly DiscoveredBackend[]): void {
    const { pool } = this.#options
    const next = new Map(
      backends.map((backend) => {
        const host = backend.host.includes(':') ? `[${backend.host}]` : backend.host
        return [`${pool}/${host}:${backend.port}`, backend]
      }),
    )
    let changed = false
    for (const [id, backend] of next) {
      const instance = instanceOf(id, pool, backend)
      const known = this.#known.get(id)
      changed ||= known === undefined || !same(known.instance, instance)
      this.#known.set(id, { instance, leavesAt: undefined })
    }
    for (const [id, known] of this.#known) {
      if (next.has(id) || known.leavesAt !== undefined) continue
      this.#leave(known)
      changed = true
    }
    this.#arm()
    if (changed) this.#changed()
  }

  #leave(known: Known): void {
    known.instance = { ...known.instance, state: 'draining' }
    known.leavesAt = this.#options.clock.monotonic() + this.#options.drainMs
  }

  #changed(): void {
    this.#status.changedAt = this.#options.clock.now()
    this.#options.onChange()
  }

  /** Forgets those whose time to drain is over, and lets all leave when there was no answer for too long. */
  #expire(): void {
    const { clock, keepMs, pool, logger } = this.#options
    const now = clock.monotonic()
    let changed = false
    for (const [id, { leavesAt }] of this.#known) {
      if (leavesAt !== undefined && now >= leavesAt) changed = this.#known.delete(id)
    }
    if (this.#status.state === 'failing' && this.#answered !== undefined && now - this.#answered >= keepMs) {
      const staying = [...this.#known.values()].filter(({ leavesAt }) => leavesAt === undefined)
      if (staying.length > 0) logger.error({ pool, keepMs }, 'no answer for too long: all backends leave')
      for (const known of staying) this.#leave(known)
      changed ||= staying.length > 0
    }
    this.#arm()
    if (changed) this.#changed()
  }

  #arm(): void {
    this.#alarm.abort()
    const times = [...this.#known.values()].flatMap(({ leavesAt }) => leavesAt ?? [])
    const staying = times.length < this.#known.size
    if (this.#status.state === 'failing' && staying && this.#answered !== undefined) {
      times.push(this.#answered + this.#options.keepMs)
    }
    if (times.length === 0 || this.#aborter.signal.aborted) return
    this.#alarm = new AbortController()
    const { clock } = this.#options
    // Timers of Node hold 2^31 ms; an alarm that comes early is set again.
    const delayMs = Math.min(Math.max(0, Math.min(...times) - clock.monotonic()), 86_400_000)
    clock.sleep(delayMs, this.#alarm.signal).then(
      () => this.#expire(),
      () => undefined,
    )
  }
}

/** What is wrong with an answer that is used nevertheless. */
function complaint(usable: number, useless: string | undefined): string | undefined {
  if (usable > MAX_BACKENDS)
    return `${usable} backends were found, of which the first ${MAX_BACKENDS} are used`
  return useless === undefined ? undefined : `'${useless.slice(0, 100)}' is no address, and is left out`
}

function instanceOf(id: string, pool: string, backend: DiscoveredBackend): Instance {
  const { host, port, weight, draining, zone, priority } = backend
  return {
    id,
    pool,
    host,
    port,
    weight,
    state: draining ? 'draining' : 'ready',
    ...(zone === undefined ? {} : { zone }),
    ...(priority === undefined ? {} : { priority }),
  }
}

const same = (one: Instance, other: Instance): boolean =>
  one.state === other.state &&
  one.weight === other.weight &&
  one.zone === other.zone &&
  one.priority === other.priority
