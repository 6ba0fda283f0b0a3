import { join } from 'node:path'
import { InstanceBoard, type HostContext, type HostDefinition, type HostPart } from '@millrace/core'
import { RunFiles } from '@millrace/core/process'
import type { ScalingConfig } from './config.ts'
import { scalingErrors } from './errors.ts'
import { initialSize } from './pools/initial-size.ts'
import { applicationEnvironment } from './pools/instance-environment.ts'
import type { Pool } from './pools/pool.ts'
import { ProcessPool } from './pools/process-pool.ts'
import { StaticPool } from './pools/static-pool.ts'
import { poolRequest, scaleRequest, instanceRequest } from './target/messages.ts'

/** The process manager: starts what `applications` asks for, and is the gateway's source of instances. */
export const host: HostDefinition<ScalingConfig> = {
  async start(context) {
    const pools = new Map<string, Pool>()
    const board = new InstanceBoard(
      () => [...pools.values()].flatMap((pool) => pool.instances()),
      context.logger,
    )
    const publish = async (): Promise<void> => {
      context.changed()
      await board.publish()
    }
    const runFiles = new RunFiles(join(context.dataDir, 'processes'))
    await runFiles.reap(context.logger)
    for (const [name, application] of Object.entries(context.platform.applications)) {
      // Looked up by the gateway: nothing to start, and nothing to scale.
      if (application.discover !== undefined) continue
      pools.set(
        name,
        application.upstreams === undefined
          ? createProcessPool(context, name, publish, runFiles)
          : new StaticPool(name, application.upstreams),
      )
    }
    if (context.config.autoScaling.enabled) {
      context.logger.warn('automatic scaling is not in this version: the number of instances changes by hand')
    }
    context.ports.provide('instances', board)
    const stopEarly = (): void => {
      for (const pool of pools.values()) void pool.stop({ deadlineMs: context.config.stopTimeoutMs })
    }
    context.signal?.addEventListener('abort', stopEarly, { once: true })
    await Promise.all([...pools.values()].map((pool) => pool.start()))
    context.signal?.removeEventListener('abort', stopEarly)
    await publish()
    return part(pools)
  },
}

function createProcessPool(
  context: HostContext<ScalingConfig>,
  name: string,
  publish: () => Promise<void>,
  runFiles: RunFiles,
): ProcessPool {
  const application = context.platform.applications[name]!
  const { minInstances: min, maxInstances: max, stopTimeoutMs } = context.config
  const cwd = application.cwd ?? process.cwd()
  return new ProcessPool({
    name,
    application: { ...application, cwd },
    desired: initialSize(name, application.instances, { min, max }),
    min,
    max,
    stopTimeoutMs,
    environment: () =>
      applicationEnvironment({
        inherited: process.env,
        configured: application.env,
        platform: context.environment(name),
        cwd,
      }),
    traffic: () => context.ports.find('traffic'),
    publish,
    logger: context.logger,
    clock: context.clock,
    runFiles,
  })
}

function part(pools: Map<string, Pool>): HostPart {
  const find = (name: string): Pool => {
    const pool = pools.get(name)
    if (pool === undefined) throw scalingErrors.POOL_UNKNOWN({ pool: name, known: [...pools.keys()] })
    return pool
  }
  const findByInstance = (instance: string): Pool => {
    for (const pool of pools.values()) {
      if (pool.instances().some(({ id }) => id === instance)) return pool
    }
    const known = [...pools.values()].flatMap((pool) => pool.instances().map(({ id }) => id))
    throw scalingErrors.INSTANCE_UNKNOWN({ instance, known })
  }
  return {
    status: () => [...pools.values()].flatMap((pool) => pool.components()),
    methods: {
      pools: async () => [...pools.values()].map((pool) => pool.describe()),
      scale: async (params) => {
        const { pool, instances } = scaleRequest.parse(params)
        return find(pool).scale(instances)
      },
      restart: async (params) => find(poolRequest.parse(params).pool).restart(),
      'stop-instance': async (params) => {
        const { instance } = instanceRequest.parse(params)
        return findByInstance(instance).stopInstance(instance)
      },
    },
    stop: async (options) => {
      await Promise.all([...pools.values()].map((pool) => pool.stop(options)))
    },
  }
}
