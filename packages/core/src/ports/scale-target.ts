export interface ScalePool {
  name: string
  /** How many are wanted. */
  desired: number
  ready: number
  min: number
  max: number
  instances: {
    id: string
    state: string
    pid?: number
    address?: string
    readySince?: number
    restarts: number
  }[]
}

/** Something whose number of instances can be changed: the process manager, later Kubernetes, a cloud group. */
export interface ScaleTarget {
  pools(): Promise<ScalePool[]>
  /** Resolves when the pool has `instances` ready ones and surplus ones are drained. */
  scale(pool: string, instances: number): Promise<ScalePool>
  /** Replaces every instance, one at a time, without a failed request. */
  restart(pool: string): Promise<ScalePool>
}
