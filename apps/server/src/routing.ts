import type { EventBus, JobQueue, PlatformConfig, Ports, RuntimeLink } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'
import type { Pool } from 'pg'
import { createAuditLog, type AuditLog } from './audit/audit-log.ts'
import { auditRoutes } from './audit/routes.ts'
import { accountRoutes } from './auth/account-routes.ts'
import { authenticate } from './auth/authenticate.ts'
import { authRoutes } from './auth/routes.ts'
import { createSessionCookie, type SessionCookie } from './auth/session-cookie.ts'
import { createSessionStore, type SessionStore } from './auth/session-store.ts'
import { createTokenStore } from './auth/token-store.ts'
import { createUserStore, type UserStore } from './auth/user-store.ts'
import { manifestRoutes } from './capabilities/manifest.ts'
import type { Mounts } from './capabilities/mounts.ts'
import { createPortFor } from './capabilities/port-for.ts'
import { recommendationRoutes } from './capabilities/recommendation-routes.ts'
import { capabilityRoutes } from './capabilities/routes.ts'
import { createActionRunner } from './capabilities/run-action.ts'
import { createEventStream } from './events/event-stream.ts'
import { eventRoutes } from './events/routes.ts'
import { createReadinessProbe } from './health/readiness.ts'
import { healthRoutes } from './health/routes.ts'
import type { App } from './http/app.ts'
import { isCalledLocally } from './http/loopback.ts'
import { createIncidentRecorder, type IncidentRecorder } from './incidents/incident-recorder.ts'
import { createIncidentStore, type IncidentStore } from './incidents/incident-store.ts'
import { incidentRoutes } from './incidents/routes.ts'
import { jobRoutes } from './jobs/routes.ts'
import { recordRequests } from './metrics/request-metrics.ts'
import { metricRoutes } from './metrics/routes.ts'
import { optimizationRoutes } from './optimization/routes.ts'
import type { ServerOptions } from './options.ts'
import { performanceChangeRoutes } from './performance/change-routes.ts'
import { performanceRoutes } from './performance/routes.ts'
import { panelRoutes } from './panel/routes.ts'
import { runtimeRoutes } from './runtime/routes.ts'
import type { ConfigTree } from './settings/config-tree.ts'
import { createSettings, type Settings } from './settings/settings.ts'

/** What the routes stand on; made before anything is started. */
export interface Foundation {
  options: Required<Pick<ServerOptions, 'clock' | 'runtime' | 'panelDir'>> & ServerOptions
  version: string
  pool: Pool
  registry: MetricRegistry
  mounts: Mounts
  config: ConfigTree
  events: EventBus
  ports: Ports
  runtime: RuntimeLink
  pingRedis: (() => Promise<void>) | undefined
  jobs: () => JobQueue | undefined
  started: () => boolean
  stopping: AbortSignal
}

/** What has to be started and stopped besides the routes. */
export interface Stores {
  users: UserStore
  cookie: SessionCookie
  sessions: SessionStore
  settings: Settings
  audit: AuditLog
  incidents: IncidentRecorder
  incidentStore: IncidentStore
}

/** Every route of the control plane, in the order in which a reader would look for them. */
export async function mountRoutes(app: App, foundation: Foundation): Promise<Stores> {
  const { options, pool, registry, mounts, config, events, ports, runtime } = foundation
  const { clock, logger } = options
  // Read at each use, because both may be changed while running.
  const server = config.of('server') as PlatformConfig['server']

  const users = createUserStore(pool)
  const cookie = createSessionCookie(pool)
  const sessions = createSessionStore(pool, clock, () => server.sessionHours * 3_600_000)
  const tokens = createTokenStore(pool, clock)
  const audit = createAuditLog({ pool, events, clock, logger })
  const settings = createSettings({ tree: config, pool, audit, events, logger })
  const incidentStore = createIncidentStore(pool)
  const incidents = createIncidentRecorder({ runtime, store: incidentStore, events, clock, logger })
  const stream = createEventStream(clock)
  const runner = createActionRunner({
    mounts,
    audit,
    onProgress: (event) => events.emit('action.progress', event),
    clock,
    logger,
    stopping: foundation.stopping,
  })
  const portFor = createPortFor(ports, mounts)
  const probe = createReadinessProbe({
    mounts,
    pool,
    pingRedis: foundation.pingRedis,
    started: foundation.started,
    clock,
  })

  const { familiar } = recordRequests(app, registry, { eventClients: () => stream.clients, clock })
  const { controlToken, telemetryToken } = options
  const authorize = authenticate(app, {
    cookie,
    sessions,
    tokens,
    controlToken,
    telemetryToken,
    // Under a stranger's name only what is public anyway is read without signing in.
    anonymousRead: (request) =>
      server.anonymousRead && (server.mount === 'public' || isCalledLocally(request)),
  })

  healthRoutes(app, probe, foundation.version, clock)
  metricRoutes(app, { registry, familiar, portFor, authorize, clock, logger })
  authRoutes(app, { users, cookie, sessions, audit, clock })
  accountRoutes(app, users, tokens, audit)
  auditRoutes(app, audit)
  incidentRoutes(app, incidentStore)
  runtimeRoutes(app, runtime, options.publicUrl)
  jobRoutes(app, foundation.jobs)
  eventRoutes(app, stream, events)
  manifestRoutes(app, mounts, config, clock)
  recommendationRoutes(app, mounts, clock, logger)
  performanceRoutes(app, { mounts, portFor, runtime, openIncidents: () => incidents.openCount(), clock })
  performanceChangeRoutes(app, { portFor, settings, audit, clock })
  optimizationRoutes(app, mounts, runner, authorize)
  capabilityRoutes(app, mounts, runner, clock)
  app.get('/api/openapi.json', {
    config: { access: 'public' },
    schema: { hide: true },
    handler: async (_request, reply) => reply.type('application/json').send(JSON.stringify(app.swagger())),
  })
  await panelRoutes(app, options.panelDir)
  return { users, cookie, sessions, settings, audit, incidents, incidentStore }
}
