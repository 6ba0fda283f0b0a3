import type { EventBus, RuntimeLink, ScalePool, ScaleTarget } from '@millrace/core'

/** A rolling restart takes as long as its instances take to start and to drain, one after another. */
const CHANGE_TIMEOUT_MS = 15 * 60_000

export interface ProcessTarget extends ScaleTarget {
  stopInstance(instance: string): Promise<ScalePool>
}

/** The control plane's `ScaleTarget`: asks the process manager in the supervisor, and tells the others of changes. */
export function createRuntimeTarget(runtime: RuntimeLink, events: EventBus): ProcessTarget {
  const call = <Result>(method: string, params?: unknown): Promise<Result> =>
    runtime.call<Result>('scaling', method, params, { timeoutMs: CHANGE_TIMEOUT_MS })
  const pools = (): Promise<ScalePool[]> => runtime.call<ScalePool[]>('scaling', 'pools')
  const changed = (pool: string, from: number, to: number, reason: string): void => {
    events.emit('scale.changed', { pool, from, to, reason })
  }
  return {
    pools,
    scale: async (pool, instances) => {
      const before = (await pools()).find(({ name }) => name === pool)
      const after = await call<ScalePool>('scale', { pool, instances })
      changed(pool, before?.desired ?? 0, after.desired, 'scaled by hand')
      return after
    },
    restart: async (pool) => {
      const after = await call<ScalePool>('restart', { pool })
      changed(pool, after.desired, after.desired, 'rolling restart')
      return after
    },
    stopInstance: async (instance) => {
      const after = await call<ScalePool>('stop-instance', { instance })
      changed(after.name, after.desired + 1, after.desired, `${instance} stopped by hand`)
      return after
    },
  }
}
