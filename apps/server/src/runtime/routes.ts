import type { RuntimeLink } from '@millrace/core'
import type { App } from '../http/app.ts'
import { problemResponse } from '../http/openapi.ts'
import { runtimeSchema } from './schema.ts'

export function runtimeRoutes(app: App, runtime: RuntimeLink, publicUrl: string): void {
  app.get('/api/runtime', {
    config: { access: 'viewer' },
    schema: {
      tags: ['runtime'],
      summary: 'Everything the supervisor keeps alive',
      response: { 200: runtimeSchema, ...problemResponse },
    },
    handler: async () => ({
      connected: runtime.connected,
      publicUrl,
      components: [...runtime.components()],
    }),
  })
}
