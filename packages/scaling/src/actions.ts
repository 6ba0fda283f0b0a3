import { defineAction } from '@millrace/core'
import { z } from 'zod'
import type { ScalingService } from './service.ts'
import { instanceRequest, poolRequest, poolSchema, scaleRequest } from './target/messages.ts'

const list = defineAction({
  title: 'List instances',
  description: 'Shows every application with its instances and their states.',
  effect: 'read',
  input: z.strictObject({}),
  output: z.object({ pools: z.array(poolSchema) }),
  run: async (service: ScalingService) => ({ pools: await service.target.pools() }),
})

const scale = defineAction({
  title: 'Change the number of instances',
  description: 'Starts or drains and stops instances of an application until that many run.',
  effect: 'write',
  input: scaleRequest,
  // What undo needs: how many there were.
  output: poolSchema.extend({ previous: z.int() }),
  run: async (service: ScalingService, { pool, instances }) => {
    const before = (await service.target.pools()).find(({ name }) => name === pool)
    const after = await service.target.scale(pool, instances)
    return { ...after, previous: before?.desired ?? after.desired }
  },
  undo: async (service, { pool }, { previous }) => {
    await service.target.scale(pool, previous)
  },
})

const restart = defineAction({
  title: 'Rolling restart',
  description: 'Replaces every instance of an application, one at a time, without a failed request.',
  effect: 'write',
  input: poolRequest,
  output: poolSchema,
  run: async (service: ScalingService, { pool }) => service.target.restart(pool),
})

const stopInstance = defineAction({
  title: 'Stop an instance',
  description: 'Drains and stops one instance; the application stays one smaller.',
  effect: 'destructive',
  input: instanceRequest,
  output: poolSchema,
  run: async (service: ScalingService, { instance }) => service.target.stopInstance(instance),
})

export const scalingActions = { list, scale, restart, 'stop-instance': stopInstance }
