import type { ComponentStatus, Instance, ScalePool } from '@millrace/core'
import { scalingErrors } from '../errors.ts'
import { ManagedInstance } from './managed-instance.ts'
import type { Pool } from './pool.ts'
import type { ProcessPoolOptions } from './process-pool-options.ts'
import { Preparation } from './preparation.ts'

/** Runs N copies of a command. Changes happen one after another, in the order they were asked for. */
export class ProcessPool implements Pool {
  readonly name: string
  readonly #options: ProcessPoolOptions
  readonly #stopping = new AbortController()
  #instances: ManagedInstance[] = []
  #desired: number
  #lastNumber = 0
  #tail: Promise<unknown> = Promise.resolve()
  readonly #preparation: Preparation

  constructor(options: ProcessPoolOptions) {
    this.name = options.name
    this.#options = options
    this.#desired = options.desired
    this.#preparation = new Preparation({
      ...options,
      signal: this.#stopping.signal,
      onReady: () => this.#exclusive(() => this.#reach(this.#desired)),
      onError: (error) => this.#report(error),
    })
  }

  instances(): Instance[] {
    return this.#instances.map((instance) => instance.describe())
  }

  components(): ComponentStatus[] {
    const components = this.#instances.map((instance) => {
      const status = instance.process.status()
      return { ...status, state: instance.describe().state === 'draining' ? 'draining' : status.state }
    })
    const preparing = this.#preparation.status
    return preparing === undefined ? components : [preparing, ...components]
  }

  describe(): ScalePool {
    const { min, max } = this.#options
    return {
      name: this.name,
      desired: this.#desired,
      ready: this.instances().filter(({ state }) => state === 'ready').length,
      min,
      max,
      instances: this.components().map(({ id, state, pid, address, readySince, restarts }) => ({
        id,
        state,
        pid,
        address,
        readySince,
        restarts,
      })),
    }
  }

  async start(): Promise<void> {
    await this.#preparation.attempt()
  }

  scale(instances: number): Promise<ScalePool> {
    this.#checkBounds(instances)
    return this.#exclusive(async () => {
      this.#preparation.check()
      this.#desired = instances
      await this.#reach(instances)
      return this.describe()
    })
  }

  restart(): Promise<ScalePool> {
    return this.#exclusive(async () => {
      const old = [...this.#instances]
      for (const [replaced, instance] of old.entries()) {
        const replacement = this.#launch()
        try {
          await replacement.process.whenReady()
        } catch (error) {
          await this.#remove(replacement)
          throw scalingErrors.REPLACEMENT_FAILED(
            {
              pool: this.name,
              replaced,
              total: old.length,
              reason: reasonOf(replacement, error),
              output: replacement.process.lastLines(),
            },
            error,
          )
        }
        await this.#options.publish()
        await this.#remove(instance)
      }
      return this.describe()
    })
  }

  stopInstance(id: string): Promise<ScalePool> {
    return this.#exclusive(async () => {
      const instance = this.#instances.find((candidate) => candidate.id === id)
      if (instance === undefined) {
        throw scalingErrors.INSTANCE_UNKNOWN({
          instance: id,
          known: this.#instances.map((known) => known.id),
        })
      }
      this.#checkBounds(this.#desired - 1)
      this.#desired--
      await this.#remove(instance)
      return this.describe()
    })
  }

  async stop({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#stopping.abort(scalingErrors.STOPPING({ pool: this.name }))
    const ending = this.#instances.map((instance) => instance.process.stop({ deadlineMs }))
    await Promise.all(ending)
    await this.#tail.catch(() => {})
    // A change that was under way may have started one more.
    await Promise.all(this.#instances.map((instance) => instance.process.stop({ deadlineMs })))
    this.#instances = []
  }

  #report(error: unknown): void {
    // The lines that follow the first are the application's own, which are in the log already.
    const [message = ''] = (error as Error).message.split('\n', 1)
    this.#options.logger.error({ application: this.name }, message)
  }

  #checkBounds(instances: number): void {
    const { min, max } = this.#options
    if (!Number.isInteger(instances) || instances < min || instances > max) {
      throw scalingErrors.OUT_OF_BOUNDS({ pool: this.name, instances, min, max })
    }
  }

  #exclusive<Result>(change: () => Promise<Result>): Promise<Result> {
    const run = this.#tail
      .catch(() => {})
      .then(() => {
        this.#stopping.signal.throwIfAborted()
        return change()
      })
    this.#tail = run.catch(() => {})
    return run
  }

  /** Starts or removes until there are that many; rejects when a new one fails its first start. */
  async #reach(count: number): Promise<void> {
    const added: ManagedInstance[] = []
    while (this.#instances.length < count) added.push(this.#launch())
    const surplus = this.#leastUseful().slice(0, Math.max(0, this.#instances.length - count))
    await Promise.all([
      ...added.map((instance) => this.#whenReady(instance)),
      ...surplus.map((instance) => this.#remove(instance)),
    ])
    await this.#options.publish()
  }

  /** Those that serve nothing first, then the youngest. */
  #leastUseful(): ManagedInstance[] {
    const serving = (instance: ManagedInstance): number => (instance.describe().state === 'ready' ? 1 : 0)
    return this.#instances.toReversed().toSorted((a, b) => serving(a) - serving(b))
  }

  #launch(): ManagedInstance {
    const { application, environment, logger, clock, runFiles } = this.#options
    const instance = new ManagedInstance({
      // Never reused: a late answer or metric of an old instance cannot be taken for a new one's.
      id: `${this.name}/${++this.#lastNumber}`,
      pool: this.name,
      application,
      environment,
      logger,
      clock,
      runFiles,
      onChange: () => void this.#options.publish(),
    })
    this.#instances.push(instance)
    instance.process.start()
    return instance
  }

  async #whenReady(instance: ManagedInstance): Promise<void> {
    try {
      await instance.process.whenReady()
    } catch (error) {
      this.#stopping.signal.throwIfAborted()
      throw scalingErrors.NOT_READY(
        {
          pool: this.name,
          instance: instance.id,
          reason: reasonOf(instance, error),
          output: instance.process.lastLines(),
        },
        error,
      )
    }
  }

  /** Planned: out of rotation everywhere, then drained, then ended. */
  async #remove(instance: ManagedInstance): Promise<void> {
    const { application, stopTimeoutMs, traffic, publish, logger } = this.#options
    const wasReady = instance.describe().state === 'ready'
    instance.markDraining()
    await publish()
    if (wasReady && !this.#stopping.signal.aborted) {
      const drained = await Promise.race([
        traffic()?.drain(instance.id, application.drainTimeoutMs),
        // When everything stops, the gateway has ended by itself.
        aborted(this.#stopping.signal),
      ])
      if (drained !== undefined && drained.inFlight > 0) {
        logger.warn(
          { instance: instance.id, inFlight: drained.inFlight },
          'stopped before its last requests ended',
        )
      }
    }
    await instance.process.stop({ deadlineMs: stopTimeoutMs })
    this.#instances = this.#instances.filter((other) => other !== instance)
    await publish()
  }
}

const reasonOf = (instance: ManagedInstance, error: unknown): string =>
  instance.process.status().lastFailure?.reason ?? (error as Error).message

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))
