import { defineAction } from '@millrace/core'
import { z } from 'zod'
import type { DiskWatch } from './disk/disk-watch.ts'

export const usageSchema = z.object({
  totalBytes: z.number(),
  freeBytes: z.number(),
  usedRatio: z.number(),
})

export const sampleActions = {
  check: defineAction({
    title: 'Check now',
    description: 'Reads the disk of the data directory at once.',
    effect: 'read',
    input: z.strictObject({}),
    output: usageSchema,
    async run(watch: DiskWatch) {
      const reading = await watch.check()
      if ('error' in reading) throw reading.error
      return reading.usage
    },
  }),
}
