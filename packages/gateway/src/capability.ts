import { defineCapability } from '@millrace/core'
import { gatewayActions } from './actions.ts'
import { gatewayConfig } from './config.ts'
import { gatewayMetrics } from './metrics.ts'
import { gatewayRoutes } from './routes.ts'
import { GatewayService } from './service.ts'

export const capability = defineCapability({
  name: 'gateway',
  title: 'Gateway',
  summary:
    'The part visitors reach first: balancing, health checks, draining, compression, WebSocket and SSE.',
  dependsOn: ['scaling', 'assets'],
  config: gatewayConfig,
  metrics: gatewayMetrics,
  actions: gatewayActions,
  routes: gatewayRoutes,
  optimizationPath: 'load-balancer',
  host: async () => (await import('./host.ts')).host,
  create: async (context) => new GatewayService(context),
  health: (service) => service.health(),
  overview: (service) => service.overview(),
  dispose: async () => undefined,
})
