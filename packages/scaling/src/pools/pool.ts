import type { ComponentStatus, Instance, ScalePool } from '@millrace/core'

/** All instances of one application. */
export interface Pool {
  readonly name: string
  instances(): Instance[]
  components(): ComponentStatus[]
  describe(): ScalePool
  /** Resolves after the first attempt, whether it serves or not; failures are retried and reported. */
  start(): Promise<void>
  /** Throws SCALING_OUT_OF_BOUNDS, SCALING_NOT_SCALABLE, SCALING_NOT_READY. */
  scale(instances: number): Promise<ScalePool>
  /** Throws SCALING_REPLACEMENT_FAILED, SCALING_NOT_SCALABLE. */
  restart(): Promise<ScalePool>
  /** Drains and stops one; the pool stays that much smaller. */
  stopInstance(id: string): Promise<ScalePool>
  stop(options: { deadlineMs: number }): Promise<void>
}
