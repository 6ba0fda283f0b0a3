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
    'The part visitors reach first: balancing, health checks, draining, caching, compression, WebSocket and SSE.',
  dependsOn: ['scaling', 'assets', 'cache'],
  config: gatewayConfig,
  metrics: gatewayMetrics,
  actions: gatewayActions,
  routes: gatewayRoutes,
  optimizationPath: 'load-balancer',
  host: async () => (await import('./host.ts')).host,
  async create(context) {
    const service = new GatewayService(context)
    service.follow(context.events, context.logger)
    service.announceSplits(context.events, context.logger)
    return service
  },
  health: (service) => service.health(),
  overview: (service) => service.overview(),
  dispose: async (service) => service.dispose(),
})
