import { defineRoute } from '@millrace/core'
import { z } from 'zod'
import { usageSchema } from './actions.ts'
import type { DiskWatch } from './disk/disk-watch.ts'

export const sampleRoutes = [
  defineRoute({
    path: '/usage',
    summary: 'The last reading of the disk, and when it was taken.',
    response: z.object({ at: z.number(), usage: usageSchema.nullable(), error: z.string().nullable() }),
    handler: async ({ reading }: DiskWatch) => ({
      at: reading.at,
      usage: 'usage' in reading ? reading.usage : null,
      error: 'error' in reading ? reading.error.message : null,
    }),
  }),
]
