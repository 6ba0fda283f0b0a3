import { defineCapability } from '@millrace/core'
import { scalingActions } from './actions.ts'
import { scalingConfig } from './config.ts'
import { scalingMetrics } from './metrics.ts'
import { scalingRoutes } from './routes.ts'
import { createScalingService } from './service.ts'

export const capability = defineCapability({
  name: 'scaling',
  title: 'Scaling',
  summary:
    'Runs N instances of each application, replaces them without a failed request, changes their number.',
  config: scalingConfig,
  metrics: scalingMetrics,
  actions: scalingActions,
  routes: scalingRoutes,
  host: async () => (await import('./host.ts')).host,
  create: async (context) => createScalingService(context),
  health: async (service) => service.health(),
  overview: async (service) => service.overview(),
  dispose: async (service) => service.dispose(),
})
