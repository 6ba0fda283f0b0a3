import type { ComponentStatus } from './host.ts'

/** The control plane's side of the channel to the supervisor (`millrace up`). */
export interface RuntimeLink {
  /** False when the control plane runs without a supervisor. */
  readonly connected: boolean
  /** The latest status of everything the supervisor runs. */
  components(): readonly ComponentStatus[]
  /** Calls `methods[method]` of a capability's host part. Times out after 30 s unless told otherwise. */
  call<Result>(
    host: string,
    method: string,
    params?: unknown,
    options?: { timeoutMs?: number },
  ): Promise<Result>
  /** Calls back after every change of `components()`; returns the way to stop. */
  onChange(listener: (components: readonly ComponentStatus[]) => void): () => void
}
