import type { ChildProcess, Serializable } from 'node:child_process'
import { backoffDelay } from '../clock/backoff.ts'
import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/clock.ts'
import type { ComponentStatus } from '../host/host.ts'
import { forwardLog } from '../logger/forward-log.ts'
import { awaitReadiness } from './await-readiness.ts'
import { processErrors } from './errors.ts'
import { keepAlive } from './keep-alive.ts'
import { describeExit, describeSpawnError, spawnLaunch, type Launch } from './launch.ts'
import { readLines } from './lines.ts'
import { signalGroup, stopGroup } from './process-group.ts'
import type { SupervisedProcessOptions } from './supervised-process-options.ts'

export type { Launch } from './launch.ts'
export type { SupervisedProcessOptions } from './supervised-process-options.ts'

/** A process that ends within this time of its start failed early … */
const EARLY_MS = 5_000
/** … and this many in a row are reported as `failed`; it is still tried again, at the longest delay. */
const FAILED_AFTER = 5
const KEPT_LINES = 20
/** With a floor: a process started again at once would fail again. */
const BACKOFF = { baseMs: 200, maxMs: 30_000, jitter: 0.25 }

/**
 * Keeps one process alive: starts it, waits until it serves, starts it again with growing delays when it ends, and ends it
 * together with everything it started.
 */
export class SupervisedProcess {
  readonly id: string
  readonly #options: SupervisedProcessOptions
  readonly #clock: Clock
  readonly #abort = new AbortController()
  readonly #lines: string[] = []
  #status: ComponentStatus
  #child: ChildProcess | undefined
  #loop: Promise<void> | undefined
  #stop: Promise<void> | undefined
  #host: string | undefined
  #failures = 0
  #earlyFailures = 0
  #waiters: { resolve: () => void; reject: (error: Error) => void }[] = []

  constructor(options: SupervisedProcessOptions) {
    this.id = options.id
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#status = { id: options.id, kind: options.kind, state: 'stopped', restarts: 0 }
  }

  status(): ComponentStatus {
    return { ...this.#status }
  }

  /** The address that answered the last TCP or HTTP readiness check: 127.0.0.1 or ::1. */
  get host(): string | undefined {
    return this.#host
  }

  /** What the process wrote last, oldest first; at most 20 lines. */
  lastLines(): string[] {
    return [...this.#lines]
  }

  start(): void {
    this.#loop ??= keepAlive(this.#run())
  }

  /**
   * Resolves when the process serves (now or later). Rejects with PROCESS_NOT_READY at its first failure, unless
   * `patient`, and with PROCESS_STOPPED when it is stopped meanwhile.
   */
  async whenReady({ patient = false }: { patient?: boolean } = {}): Promise<void> {
    if (this.#status.state === 'ready') return
    if (this.#stop !== undefined) throw processErrors.STOPPED({ id: this.id })
    for (;;) {
      try {
        await new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }))
        return
      } catch (error) {
        if (!patient || this.#stop !== undefined) throw error
      }
    }
  }

  /** Over IPC. False when there is no process or its channel is closed. */
  send(message: Serializable): boolean {
    if (this.#child?.connected !== true) return false
    this.#child.send(message, () => {})
    return true
  }

  /** SIGKILL to the whole group now. Unless stopped, it comes back. */
  kill(): void {
    if (this.#child?.pid !== undefined) signalGroup(this.#child.pid, 'SIGKILL')
  }

  /** Planned: nothing is started again. A second call with an earlier deadline does not shorten the first: use `kill`. */
  stop({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#stop ??= keepAlive(this.#end(deadlineMs))
    return this.#stop
  }

  async #end(deadlineMs: number): Promise<void> {
    this.#abort.abort(processErrors.STOPPED({ id: this.id }))
    const pid = this.#child?.pid
    if (pid !== undefined) {
      this.#update({ state: 'draining' })
      const signal = this.#options.stopSignal ?? 'SIGTERM'
      const { forced } = await stopGroup(pid, { signal, deadlineMs, clock: this.#clock })
      if (forced)
        this.#options.logger.warn({ id: this.id, deadlineMs }, 'did not stop in time and was killed')
    }
    await this.#loop
    this.#update({ state: 'stopped', pid: undefined, readySince: undefined })
    this.#settle(processErrors.STOPPED({ id: this.id }))
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort
    while (!signal.aborted) {
      const startedAt = this.#clock.monotonic()
      const reason = await this.#runOnce(signal).catch((error: unknown) => (error as Error).message)
      if (signal.aborted) break
      const ranMs = this.#clock.monotonic() - startedAt
      const delayMs = this.#recordFailure(reason, ranMs)
      await this.#clock.sleep(delayMs, signal).catch(() => {})
      if (!signal.aborted) this.#update({ restarts: this.#status.restarts + 1 })
    }
  }

  #recordFailure(reason: string, ranMs: number): number {
    const stable = this.#status.readySince !== undefined && ranMs >= (this.#options.stableMs ?? 60_000)
    if (stable) this.#failures = 0
    this.#earlyFailures = ranMs < EARLY_MS ? this.#earlyFailures + 1 : 0
    const failed = this.#earlyFailures >= FAILED_AFTER
    const delayMs = backoffDelay(failed ? 30 : this.#failures, { ...BACKOFF, ...this.#options.backoff })
    this.#failures++
    this.#options.logger.warn({ id: this.id, reason, retryInMs: delayMs }, 'process ended')
    this.#update({
      state: failed ? 'failed' : 'restarting',
      pid: undefined,
      readySince: undefined,
      lastFailure: { at: this.#clock.now(), reason },
    })
    this.#settle(processErrors.NOT_READY({ id: this.id, reason }))
    return delayMs
  }

  /** Starts it once and resolves with the reason of its end. */
  async #runOnce(stopping: AbortSignal): Promise<string> {
    if (this.#status.state !== 'failed') this.#update({ state: 'starting' })
    const launch = await this.#options.launch()
    stopping.throwIfAborted()
    const child = spawnLaunch(launch, this.#options.runFiles)
    const ended = new AbortController()
    const exit = this.#watchExit(child, launch).finally(() => ended.abort(new Error('ended')))
    const pid = child.pid
    if (pid === undefined) return exit
    this.#child = child
    this.#options.runFiles?.add(this.id, pid)
    this.#update({ pid })
    this.#readOutput(child)
    const timeout = await awaitReadiness(child, launch, {
      timeoutMs: this.#options.startTimeoutMs ?? 30_000,
      clock: this.#clock,
      over: AbortSignal.any([ended.signal, stopping]),
      onReady: (host) => this.#becomeReady(launch, host),
    })
    if (timeout !== undefined) {
      // Its group is ended first, so that the reason is the timeout and not the signal.
      await stopGroup(pid, { signal: 'SIGTERM', deadlineMs: 2_000, clock: this.#clock })
    }
    const reason = await exit
    this.#child = undefined
    // Whoever it started must not outlive it: the next start would find the port taken.
    if (!stopping.aborted) signalGroup(pid, 'SIGKILL')
    this.#options.runFiles?.remove(pid)
    return timeout ?? reason
  }

  async #watchExit(child: ChildProcess, launch: Launch): Promise<string> {
    const failed = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(describeSpawnError(error, launch.command[0]!, launch.cwd)))
    })
    const exited = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(describeExit(code, signal)))
    })
    // An `error` of a process that runs comes from `kill` or `send`; only one without a pid ended it.
    return child.pid === undefined ? failed : exited
  }

  #readOutput(child: ChildProcess): void {
    const { kind, logger, onLine, onMessage } = this.#options
    for (const stream of ['stdout', 'stderr'] as const) {
      const readable = child[stream]
      if (readable === null) continue
      readLines(readable, (line) => {
        this.#lines.push(line)
        if (this.#lines.length > KEPT_LINES) this.#lines.shift()
        if (onLine) onLine(line, stream)
        else if (kind === 'instance') logger[stream === 'stdout' ? 'info' : 'warn']({ stream }, line)
        // A process of ours logs JSON with levels of its own.
        else forwardLog(logger, this.id, line, stream)
      })
    }
    child.on('error', (error) => logger.debug({ id: this.id, err: error }, 'process channel error'))
    if (onMessage) child.on('message', onMessage)
  }

  #becomeReady({ readiness }: Launch, answered: string | undefined): void {
    this.#host = answered
    const port = readiness.kind === 'tcp' || readiness.kind === 'http' ? readiness.port : undefined
    const host = this.#host?.includes(':') === true ? `[${this.#host}]` : this.#host
    this.#update({
      state: 'ready',
      readySince: this.#clock.now(),
      ...(port === undefined ? {} : { address: `${host}:${port}` }),
    })
    this.#settle()
  }

  #settle(error?: Error): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const { resolve, reject } of waiters) {
      if (error) reject(error)
      else resolve()
    }
  }

  #update(change: Partial<ComponentStatus>): void {
    this.#status = { ...this.#status, ...change }
    this.#options.onChange?.(this.status())
  }
}
