import type { Worker } from 'node:cluster'
import type { HttpPurge } from '@millrace/core'
import type { ListenAddress } from '../drivers/driver.ts'
import { gatewayErrors } from '../errors.ts'
import type { FromWorker, ToWorker, WorkerCall, WorkerSettings } from './messages.ts'
import { deserializeError } from './serialize-error.ts'
import { closeUnclaimed } from './unclaimed-connections.ts'

/** A worker that does not listen within it is ended, which its group sees as any other end. */
const START_MS = 30_000

interface Pending {
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
  timer: NodeJS.Timeout
}

/** The supervisor's side of one worker: its start, calls to it, its end. */
export class WorkerProcess {
  readonly number: number
  readonly worker: Worker
  /** Resolves with the address; rejects when it fails or dies before. */
  readonly listening: Promise<ListenAddress>
  /** Resolves with the reason when the process is gone. */
  readonly exited: Promise<string>
  readySince: number | undefined
  /** It was told the state of the moment, and must be told every change of it. */
  initialised = false
  /** It could not start, and is ending. */
  failed = false
  /** Heartbeats in a row that it left unanswered. */
  silent = 0
  /** The end was asked for. */
  stopping = false
  #nextId = 1
  readonly #pending = new Map<number, Pending>()

  constructor(
    worker: Worker,
    settings: () => WorkerSettings,
    number: number,
    now: () => number,
    onPurged: (what: HttpPurge) => void,
  ) {
    this.worker = worker
    this.number = number
    const listening = Promise.withResolvers<ListenAddress>()
    const exited = Promise.withResolvers<string>()
    this.listening = listening.promise
    this.exited = exited.promise
    worker.on('message', (message: FromWorker) => {
      switch (message.type) {
        case 'hello':
          this.#send({ type: 'init', settings: settings() })
          this.initialised = true
          break
        case 'listening':
          this.readySince = now()
          listening.resolve(message.address)
          break
        case 'failed':
          this.failed = true
          listening.reject(deserializeError(message.error))
          worker.process.kill('SIGKILL')
          break
        case 'purged':
          onPurged(message.what)
          break
        case 'reply':
          this.#settle(message)
      }
    })
    worker.on('error', () => undefined)
    closeUnclaimed(worker)
    const starting = setTimeout(() => worker.process.kill('SIGKILL'), START_MS)
    this.listening.then(
      () => clearTimeout(starting),
      () => clearTimeout(starting),
    )
    worker.on('exit', (code, signal) => {
      const reason = signal === null ? `exited with code ${code}` : `ended by ${signal}`
      this.readySince = undefined
      const error = gatewayErrors.WORKER_FAILED({ worker: number, reason })
      listening.reject(error)
      for (const { reject, timer } of this.#pending.values()) {
        clearTimeout(timer)
        reject(error)
      }
      this.#pending.clear()
      exited.resolve(reason)
    })
  }

  get pid(): number | undefined {
    return this.worker.process.pid
  }

  #send(message: ToWorker): void {
    if (this.worker.isConnected()) this.worker.send(message, () => undefined)
  }

  #settle(message: Extract<FromWorker, { type: 'reply' }>): void {
    const pending = this.#pending.get(message.id)
    if (pending === undefined) return
    this.#pending.delete(message.id)
    clearTimeout(pending.timer)
    if (message.ok) pending.resolve(message.value)
    else pending.reject(deserializeError(message.error))
  }

  /** Rejects with GATEWAY_WORKER_SILENT after `timeoutMs`, or with GATEWAY_WORKER_FAILED when it ends before. */
  call<Result>(call: WorkerCall, timeoutMs = 5_000): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const id = this.#nextId++
      const timer = setTimeout(() => {
        this.#pending.delete(id)
        reject(gatewayErrors.WORKER_SILENT({ worker: this.number, call: call.name, timeoutMs }))
      }, timeoutMs)
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject, timer })
      this.#send({ type: 'call', id, ...call })
    })
  }

  /** Drains it, then ends it; by force a second after the deadline. */
  async stop(deadlineMs: number): Promise<void> {
    this.stopping = true
    if (this.worker.isDead()) return
    await this.call({ name: 'close', params: { deadlineMs } }, deadlineMs + 1_000).catch(() => undefined)
    const timer = setTimeout(() => this.worker.process.kill('SIGKILL'), 1_000)
    await this.exited
    clearTimeout(timer)
  }
}
