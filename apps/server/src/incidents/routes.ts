import type { App } from '../http/app.ts'
import { problemResponse } from '../http/openapi.ts'
import type { IncidentStore } from './incident-store.ts'
import { incidentsQuery, incidentsResponse } from './schema.ts'

export function incidentRoutes(app: App, incidents: IncidentStore): void {
  app.get('/api/incidents', {
    config: { access: 'viewer' },
    schema: {
      tags: ['incidents'],
      summary: 'What broke, and how it came back, newest first',
      querystring: incidentsQuery,
      response: { 200: incidentsResponse, ...problemResponse },
    },
    handler: async (request) => ({ incidents: await incidents.list(request.query) }),
  })
}
