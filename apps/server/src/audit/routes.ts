import type { App } from '../http/app.ts'
import { problemResponse } from '../http/openapi.ts'
import type { AuditLog } from './audit-log.ts'
import { auditQuery, auditResponse } from './schema.ts'

export function auditRoutes(app: App, audit: AuditLog): void {
  app.get('/api/audit', {
    config: { access: 'operator' },
    schema: {
      tags: ['audit'],
      summary: 'Who changed what, newest first',
      querystring: auditQuery,
      response: { 200: auditResponse, ...problemResponse },
    },
    handler: async (request) => ({ entries: await audit.list(request.query) }),
  })
}
