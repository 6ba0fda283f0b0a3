import type { Clock, ScalePool, ScaleTarget } from '@millrace/core'
import { audited } from '../audit/audited.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { PortFor } from '../capabilities/port-for.ts'
import { ACTION_TIMEOUT_MS } from '../capabilities/run-action.ts'
import { serverErrors } from '../errors.ts'
import type { App } from '../http/app.ts'
import { problemResponse } from '../http/openapi.ts'
import { within } from '../http/within.ts'
import type { Settings } from '../settings/settings.ts'
import {
  optimizeBody,
  optimizeResponse,
  scaleBody,
  scaleResponse,
  settingsBody,
  settingsResponse,
} from './schema.ts'

export interface PerformanceChangeOptions {
  portFor: PortFor
  settings: Settings
  audit: AuditLog
  clock: Clock
}

async function poolNamed(target: ScaleTarget, name: string | undefined): Promise<ScalePool> {
  const pools = await target.pools()
  const names = pools.map((pool) => pool.name)
  const found =
    name === undefined ? (pools.length === 1 ? pools[0] : undefined) : pools.find((p) => p.name === name)
  if (found !== undefined) return found
  const message = `must be one of: ${names.join(', ') || 'none, because no pool can be scaled'}`
  throw serverErrors.INPUT_INVALID({ problems: [{ path: 'pool', message }] })
}

/** Changing half of seed 004: administrators only, every change audited. */
export function performanceChangeRoutes(app: App, options: PerformanceChangeOptions): void {
  const { portFor, settings, clock } = options
  const config = { access: 'administrator' as const }

  app.post('/api/performance/optimize', {
    config,
    schema: {
      tags: ['performance'],
      summary: 'Optimise now',
      body: optimizeBody,
      response: { 200: optimizeResponse, ...problemResponse },
    },
    handler: async (request) => {
      const optimizer = portFor('optimizer', '/api/performance/optimize')
      const record = {
        actor: request.actor,
        action: 'performance.optimize',
        input: request.body,
        address: request.ip,
      }
      const { result, auditId } = await audited(
        options,
        record,
        () => within(optimizer.optimize(request.body), ACTION_TIMEOUT_MS, 'Optimising', clock),
        (output) => ({ output }),
      )
      return { result, auditId }
    },
  })

  app.post('/api/performance/scale', {
    config,
    schema: {
      tags: ['performance'],
      summary: 'Change the number of instances of a pool',
      body: scaleBody,
      response: { 200: scaleResponse, ...problemResponse },
    },
    handler: async (request) => {
      const target = portFor('scaleTarget', '/api/performance/scale')
      const before = await poolNamed(target, request.body.pool)
      const record = {
        actor: request.actor,
        action: 'performance.scale',
        input: request.body,
        before,
        address: request.ip,
      }
      const { instances } = request.body
      const { result: pool, auditId } = await audited(
        options,
        record,
        () => within(target.scale(before.name, instances), ACTION_TIMEOUT_MS, 'Scaling', clock),
        (after) => ({ after }),
      )
      return { pool, auditId }
    },
  })

  app.get('/api/performance/settings', {
    config: { access: 'viewer' },
    schema: {
      tags: ['performance'],
      summary: 'Settings that can be changed while running',
      response: { 200: settingsResponse, ...problemResponse },
    },
    handler: async () => ({ settings: settings.list() }),
  })

  app.put('/api/performance/settings', {
    config,
    schema: {
      tags: ['performance'],
      summary: 'Change settings while running',
      description:
        'All or nothing; stored, and in force again after a restart. null takes a stored setting back.',
      body: settingsBody,
      response: { 200: settingsResponse, ...problemResponse },
    },
    handler: async (request) => {
      const auditId = await settings.change(request.body, request.actor, request.ip)
      return { settings: settings.list(), auditId }
    },
  })
}
