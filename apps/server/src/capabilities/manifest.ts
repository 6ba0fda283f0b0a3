import { configSchema, redactConfig, type AnyCapability, type Clock, type Health } from '@millrace/core'
import { metricName, type MetricDeclaration } from '@millrace/core/metrics'
import { z } from 'zod'
import type { App } from '../http/app.ts'
import { problemResponse } from '../http/openapi.ts'
import type { ConfigTree } from '../settings/config-tree.ts'
import { healthOf } from './health-check.ts'
import type { Mounts } from './mounts.ts'
import { capabilitiesResponse } from './schema.ts'

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any' })

/** The part of the manifest that never changes. */
function describe(capability: AnyCapability) {
  return {
    name: capability.name,
    title: capability.title,
    summary: capability.summary,
    dependsOn: [...(capability.dependsOn ?? [])],
    configSchema: configSchema(capability),
    metrics: Object.entries(capability.metrics as Record<string, MetricDeclaration>).map(
      ([key, declaration]) => ({
        name: metricName(capability.name, key, declaration),
        kind: declaration.kind,
        unit: declaration.unit,
        help: declaration.help,
        labels: [...(declaration.labels ?? [])],
      }),
    ),
    actions: Object.entries(capability.actions).map(([name, action]) => ({
      name,
      title: action.title,
      description: action.description,
      effect: action.effect,
      anonymous: action.anonymous ?? false,
      undoable: action.undo !== undefined,
      inputSchema: schemaOf(action.input, 'input'),
      outputSchema: schemaOf(action.output, 'output'),
    })),
    routes: (capability.routes ?? []).map(({ path, summary, role }) => ({
      path: `/api/${capability.name}${path}`,
      summary,
      role: role ?? 'viewer',
    })),
  }
}

/** `GET /api/capabilities`: all that a screen or a command line needs to offer a capability it has never heard of. */
export function manifestRoutes(app: App, mounts: Mounts, config: ConfigTree, clock: Clock): void {
  const described = mounts.capabilities.map((capability) => ({ capability, fixed: describe(capability) }))

  const live = (capability: AnyCapability, health: Health) => {
    const error = mounts.error(capability.name)
    return {
      state: mounts.state(capability.name),
      health,
      ...(error === undefined
        ? {}
        : { error: { code: 'code' in error ? String(error.code) : 'INTERNAL', message: error.message } }),
    }
  }

  app.get('/api/capabilities', {
    config: { access: 'viewer' },
    schema: {
      tags: ['capabilities'],
      summary: 'What is installed: state, settings, metrics, actions and routes',
      response: { 200: capabilitiesResponse, ...problemResponse },
    },
    handler: async () => ({
      capabilities: await Promise.all(
        described.map(async ({ capability, fixed: { configSchema: schema, ...fixed } }) => ({
          ...fixed,
          ...live(capability, await healthOf(capability, mounts, clock)),
          config: {
            schema,
            values: redactConfig(capability.config as z.ZodType, config.of(capability.name)),
            origins: config.originsOf(capability.name),
            live: config.livePaths(capability.name),
          },
        })),
      ),
    }),
  })
}
