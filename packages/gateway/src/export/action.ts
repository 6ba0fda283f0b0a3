import { defineAction } from '@millrace/core'
import { z } from 'zod'
import type { GatewayService } from '../service.ts'
import { EXPORT_FORMATS } from './model.ts'

const omission = z.object({ where: z.string(), what: z.string(), why: z.string() })

export const exportActions = {
  export: defineAction({
    title: 'Export',
    description: 'The present routes, pools and settings as another system’s configuration.',
    effect: 'read',
    input: z.object({ format: z.enum(EXPORT_FORMATS).describe(`One of ${EXPORT_FORMATS.join(', ')}.`) }),
    output: z.object({
      format: z.enum(EXPORT_FORMATS),
      document: z.string().describe('The configuration. The command line prints it as it is.'),
      notExported: z.array(omission).describe('What that system cannot do, or does otherwise.'),
    }),
    run: async (service: GatewayService, { format }) => {
      const [{ exportTable }, input] = await Promise.all([import('./export.ts'), service.exportInput()])
      const { text, notExported } = exportTable(format, input)
      return { format, document: text, notExported }
    },
  }),
}
