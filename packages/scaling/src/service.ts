import {
  COMPONENT_STATES,
  type CapabilityContext,
  type ComponentStatus,
  type Health,
  type ScalePool,
} from '@millrace/core'
import type { Instruments } from '@millrace/core/metrics'
import type { ScalingConfig } from './config.ts'
import type { scalingMetrics } from './metrics.ts'
import { createRuntimeTarget, type ProcessTarget } from './target/runtime-target.ts'

export type ScalingContext = CapabilityContext<ScalingConfig, Instruments<typeof scalingMetrics>>

/** The control plane's side of scaling. */
export interface ScalingService {
  target: ProcessTarget
  health(): Health
  overview(): Promise<Record<string, unknown>>
  dispose(): void
}

export function createScalingService(context: ScalingContext): ScalingService {
  const { runtime, ports, events, metrics, config } = context
  const target = createRuntimeTarget(runtime, events)
  const instances = (): ComponentStatus[] => runtime.components().filter(({ kind }) => kind === 'instance')

  const observed = new Set<string>()
  const observe = (): void => {
    const pools = new Set(instances().map(({ id }) => poolOf(id)))
    for (const pool of pools) {
      if (observed.has(pool)) continue
      observed.add(pool)
      const own = (): ComponentStatus[] => instances().filter(({ id }) => poolOf(id) === pool)
      for (const state of COMPONENT_STATES) {
        const count = (): number => own().filter((component) => component.state === state).length
        metrics.instances.observe(count, { pool, state })
      }
      metrics.restarts.observe(() => own().reduce((sum, { restarts }) => sum + restarts, 0), { pool })
    }
  }
  observe()
  const unobserve = runtime.onChange(observe)
  const uncount = events.on('scale.changed', ({ pool, from, to }, { remote }) => {
    // Pools of another platform are counted there.
    if (remote) return
    metrics.changes.with({ pool, kind: to > from ? 'up' : to < from ? 'down' : 'restart' }).add()
  })
  ports.provide('scaleTarget', target)

  return {
    target,
    health: () => healthOf(runtime.connected, instances()),
    overview: async () => ({
      pools: await target.pools(),
      bounds: { min: config.minInstances, max: config.maxInstances },
      automatic: {
        requested: config.autoScaling.enabled,
        active: false,
        note: 'Automatic scaling is not in this version: the number of instances changes by hand.',
      },
    }),
    dispose: () => {
      unobserve()
      uncount()
      ports.withdraw('scaleTarget')
    },
  }
}

const poolOf = (instance: string): string => instance.slice(0, instance.lastIndexOf('/'))

function healthOf(connected: boolean, instances: readonly ComponentStatus[]): Health {
  if (!connected) {
    return { state: 'degraded', message: 'No supervisor is connected: nothing can be started or stopped.' }
  }
  const failed = instances.filter(({ state }) => state === 'failed' || state === 'restarting')
  const ready = instances.filter(({ state }) => state === 'ready').length
  if (failed.length === 0) return { state: 'healthy', message: `${ready} instances serve.` }
  const [first] = failed
  return {
    state: ready === 0 ? 'failed' : 'degraded',
    message: `${ready} instances serve, ${failed.length} do not: ${first!.id} ${first!.lastFailure?.reason.split('\n', 1)[0] ?? 'is starting again'}.`,
  }
}

/** For the read model: what the process manager says, in the order of the configuration. */
export const readPools = (service: ScalingService): Promise<ScalePool[]> => service.target.pools()
