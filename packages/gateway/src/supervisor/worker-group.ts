import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { extname } from 'node:path'
import { backoffDelay, forwardLog, type ComponentStatus, type HttpPurge } from '@millrace/core'
import { allocatePort, readLines } from '@millrace/core/process'
import { checkTable } from '../drivers/check-table.ts'
import type {
  CertificateStats,
  GatewayEngine,
  GatewayStats,
  GatewayTable,
  ListenAddress,
  PurgeResult,
} from '../drivers/driver.ts'
import type { OpenConnections } from '../connections-view/model.ts'
import { disconnectAtWorker, workerConnections } from '../connections-view/worker-connections.ts'
import { gatewayErrors } from '../errors.ts'
import type { Explanation, ExplainRequest } from '../routing/explain-model.ts'
import { TicketRotation } from '../tls/ticket-rotation.ts'
import { startHeartbeat } from './heartbeat.ts'
import { mergeStats } from './merge-stats.ts'
import type { WorkerSettings } from './messages.ts'
import { askEach, tellEach } from './ask-each.ts'
import { purgeWorkers } from './purge-workers.ts'
import type { WorkerGroupOptions } from './worker-group-options.ts'
import { WORKER_V8_FLAGS } from './worker-flags.ts'
import { WorkerProcess } from './worker-process.ts'
import { slotStatus, type Slot } from './worker-slot.ts'

/** A worker that ran this long starts its backoff anew when it dies. */
const STABLE_MS = 30_000

/**
 * The engine `node` over several processes: a Node cluster whose primary is this process. The primary accepts and
 * hands connections out in turn (SCHED_RR), so that a worker that dies takes no waiting connection with it.
 * One per process, because the cluster module is.
 */
export class WorkerGroup implements GatewayEngine {
  readonly #options: WorkerGroupOptions
  readonly #slots: Slot[] = []
  /** Beside those of the slots: one that is about to take a place, those that finish what they have. */
  readonly #aside = new Set<WorkerProcess>()
  readonly #drained = new Set<string>()
  readonly #aborter = new AbortController()
  #table: GatewayTable
  readonly #tickets: TicketRotation | undefined
  #port = 0
  #tlsPort: number | undefined
  #address: ListenAddress | undefined
  #closing: Promise<void> | undefined
  #reloading: Promise<void> = Promise.resolve()
  #stopHeartbeat: () => void = () => undefined

  constructor(options: WorkerGroupOptions) {
    checkTable(options.table)
    this.#options = options
    this.#table = options.table
    const renewed = (params: string): void =>
      void this.#tell((worker) => worker.call({ name: 'ticketKeys', params })).catch((error: unknown) =>
        options.logger.error({ err: error }, 'the workers could not be given new keys of TLS sessions'),
      )
    if (options.engine.tls?.enabled === true) this.#tickets = new TicketRotation(options.clock, renewed)
    const extension = extname(fileURLToPath(import.meta.url))
    cluster.schedulingPolicy = cluster.SCHED_RR
    cluster.setupPrimary({
      exec: fileURLToPath(new URL(`./worker${extension}`, import.meta.url)),
      args: [],
      execArgv: [...WORKER_V8_FLAGS, ...(extension === '.ts' ? ['--conditions=millrace:source'] : [])],
      // Their lines go through the supervisor's logger, which knows whether a person or a program reads them.
      silent: true,
    })
  }

  async listen(): Promise<ListenAddress> {
    const { workers, port } = this.#options
    // The cluster tells listeners apart by the port they asked for: 0 would be another one for a respawned worker.
    this.#port = port === 0 ? await allocatePort() : port
    if (this.#options.engine.tls?.port === 0) this.#tlsPort = await allocatePort()
    for (let number = 1; number <= workers; number++) {
      this.#slots.push({ number, current: this.#fork(number), restarts: 0, attempt: 0 })
    }
    try {
      const addresses = await Promise.all(this.#slots.map(({ current }) => current.listening))
      this.#address = addresses[0]!
    } catch (error) {
      await this.close({ deadlineMs: 0 })
      throw error
    }
    for (const slot of this.#slots) void this.#keepAlive(slot)
    this.#stopHeartbeat = startHeartbeat(() => this.#workers, this.#options)
    this.#options.changed()
    return this.#address
  }

  get #workers(): WorkerProcess[] {
    return this.#slots.map(({ current }) => current)
  }

  #fork(number: number): WorkerProcess {
    const { clock, logger } = this.#options
    const worker = cluster.fork()
    for (const stream of ['stdout', 'stderr'] as const) {
      const readable = worker.process[stream]
      if (readable) readLines(readable, (line) => forwardLog(logger, `gateway/${number}`, line, stream))
    }
    const forked = new WorkerProcess(
      worker,
      () => this.#settings(number),
      number,
      () => clock.now(),
      (what) => this.#purgeOthers(forked, what),
    )
    return forked
  }

  #settings(number: number): WorkerSettings {
    const { host, workers, engine, logLevel, accessLog, telemetry } = this.#options
    const httpCache = this.#options.httpCache?.()
    return {
      number,
      host,
      port: this.#port,
      processes: workers,
      engine:
        this.#tlsPort === undefined ? engine : { ...engine, tls: { ...engine.tls, port: this.#tlsPort } },
      ...(this.#tickets === undefined ? {} : { ticketKeys: this.#tickets.keys }),
      table: this.#table,
      drained: [...this.#drained],
      logLevel,
      ...(accessLog === undefined ? {} : { accessLog }),
      ...(telemetry === undefined ? {} : { telemetry }),
      ...(httpCache === undefined ? {} : { httpCache }),
    }
  }

  /** Starts the slot's worker again whenever it ends without being asked to, until another takes the slot. */
  async #keepAlive(slot: Slot): Promise<void> {
    const { clock, logger, changed } = this.#options
    const watched = slot.current
    const replaced = (): boolean =>
      watched.stopping || this.#closing !== undefined || slot.current !== watched
    const since = watched.readySince
    const reason = await watched.exited
    if (replaced()) return
    slot.restarts++
    slot.lastFailure = { at: clock.now(), reason }
    slot.attempt = since !== undefined && clock.now() - since >= STABLE_MS ? 0 : slot.attempt + 1
    const delayMs = backoffDelay(slot.attempt - 1, { baseMs: 50, maxMs: 5_000, jitter: 0.25 })
    logger.error({ worker: slot.number, reason, delayMs }, 'a gateway worker ended and is started again')
    changed()
    await clock.sleep(delayMs, this.#aborter.signal).catch(() => undefined)
    if (replaced()) return
    let started = watched
    try {
      started = this.#fork(slot.number)
      slot.current = started
      await started.listening
    } catch (error) {
      // Without a process (EAGAIN, EMFILE) the slot still has the dead worker, and the next round tries again.
      logger.error({ err: error, worker: slot.number }, 'a gateway worker could not be started')
    }
    changed()
    if (slot.current === started) void this.#keepAlive(slot)
  }

  #tell<Result>(tell: (worker: WorkerProcess) => Promise<Result>): Promise<Result[]> {
    return tellEach([...this.#workers, ...this.#aside], tell)
  }

  async update(table: GatewayTable): Promise<void> {
    checkTable(table)
    this.#table = table
    const present = new Set(table.pools.flatMap((pool) => pool.backends.map(({ id }) => id)))
    for (const id of this.#drained) if (!present.has(id)) this.#drained.delete(id)
    await this.#tell((worker) => worker.call({ name: 'update', params: table }))
  }

  #known(id: string): void {
    const known = this.#table.pools.flatMap((pool) => pool.backends.map((backend) => backend.id))
    if (!known.includes(id)) throw gatewayErrors.BACKEND_UNKNOWN({ backend: id, known })
  }

  async drain(backendId: string, timeoutMs: number): Promise<{ inFlight: number }> {
    this.#known(backendId)
    this.#drained.add(backendId)
    const params = { id: backendId, timeoutMs }
    const left = await this.#tell((worker) =>
      worker.call<{ inFlight: number }>({ name: 'drain', params }, timeoutMs + 5_000),
    )
    return { inFlight: left.reduce((sum, { inFlight }) => sum + inFlight, 0) }
  }

  async undrain(backendId: string): Promise<void> {
    this.#known(backendId)
    this.#drained.delete(backendId)
    await this.#tell((worker) => worker.call({ name: 'undrain', params: { id: backendId } }))
  }

  purge(what: HttpPurge): Promise<PurgeResult> {
    return purgeWorkers([...this.#workers, ...this.#aside], what, this.#options.logger)
  }

  /** What passed through one worker; the visitor it answered does not wait for the others. */
  #purgeOthers(purged: WorkerProcess, what: HttpPurge): void {
    const others = [...this.#workers, ...this.#aside].filter((worker) => worker !== purged)
    void purgeWorkers(others, what, this.#options.logger)
  }

  /** As the first worker sees it: sessions and shares are the same in all, what is in flight is not. */
  async explain(request: ExplainRequest): Promise<Explanation> {
    const worker = this.#workers.find((one) => one.readySince !== undefined && !one.stopping)
    if (worker === undefined) throw gatewayErrors.WORKER_FAILED({ worker: 1, reason: 'is not ready' })
    return worker.call<Explanation>({ name: 'explain', params: request })
  }

  connections(limit: number): Promise<OpenConnections> {
    return workerConnections(this.#workers, limit)
  }

  disconnect(id: string): Promise<void> {
    return disconnectAtWorker(this.#workers, id)
  }

  async reloadCertificates(): Promise<readonly CertificateStats[]> {
    const read = await this.#tell((worker) =>
      worker.call<readonly CertificateStats[]>({ name: 'certificates' }),
    )
    return read[0] ?? []
  }

  async stats(): Promise<GatewayStats> {
    return mergeStats(await askEach(this.#workers, (worker) => worker.call<GatewayStats>({ name: 'stats' })))
  }

  /** Replaces every worker, one at a time: the new one listens before the old one is drained. */
  reload(options: { drainMs?: number } = {}): Promise<void> {
    const reloaded = this.#reloading.then(async () => {
      for (const slot of this.#slots) await this.#replace(slot, options.drainMs ?? 30_000)
    })
    this.#reloading = reloaded.catch(() => undefined)
    return reloaded
  }

  async #replace(slot: Slot, drainMs: number): Promise<void> {
    if (this.#closing !== undefined) return
    const next = this.#fork(slot.number)
    this.#setAside(next)
    const { signal } = this.#aborter
    const abandon = (): boolean => next.worker.process.kill('SIGKILL')
    signal.addEventListener('abort', abandon)
    try {
      await next.listening
    } finally {
      signal.removeEventListener('abort', abandon)
    }
    if (signal.aborted) return next.stop(0)
    const old = slot.current
    old.stopping = true
    this.#setAside(old)
    this.#aside.delete(next)
    slot.current = next
    slot.attempt = 0
    void this.#keepAlive(slot)
    this.#options.changed()
    await old.stop(drainMs)
  }

  #setAside(worker: WorkerProcess): void {
    this.#aside.add(worker)
    void worker.exited.then(() => this.#aside.delete(worker))
  }

  status(): ComponentStatus[] {
    const address = this.#address && `http://${formatHost(this.#address.host)}:${this.#address.port}`
    return this.#slots.map((slot) => slotStatus(slot, address, this.#closing !== undefined))
  }

  close(options: { deadlineMs?: number } = {}): Promise<void> {
    this.#closing ??= (async () => {
      this.#aborter.abort()
      this.#stopHeartbeat()
      this.#tickets?.stop()
      const all = [...this.#workers, ...this.#aside]
      await Promise.all(all.map((worker) => worker.stop(options.deadlineMs ?? 30_000)))
    })()
    return this.#closing
  }
}

const formatHost = (host: string): string => (host.includes(':') ? `[${host}]` : host)
