import { defineAction } from '@millrace/core'
import { z } from 'zod'
import type { GatewayService } from '../service.ts'
import { regionsModel } from './model.ts'

export const regionActions = {
  regions: defineAction({
    title: 'Regions',
    description:
      'The other gateways: whether they answer, how far they are, what they can take, and why one is out.',
    effect: 'read',
    input: z.object({}),
    output: regionsModel,
    run: (service: GatewayService) => service.regions(),
  }),
}
