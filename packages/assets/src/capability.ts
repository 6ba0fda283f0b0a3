import { defineCapability } from '@millrace/core'
import { assetsActions } from './actions.ts'
import { assetsConfig } from './config.ts'
import { assetsMetrics } from './metrics.ts'
import { readUsage } from './platform/usage.ts'
import { assetsRoutes } from './routes.ts'
import { AssetsService } from './service.ts'

const OVERVIEW_WINDOW_MS = 3_600_000

export const capability = defineCapability({
  name: 'assets',
  title: 'Assets',
  // Its part in the supervisor says where results are shared.
  dependsOn: ['cache'],
  summary: 'Serves pictures in the size and format each visitor needs.',
  config: assetsConfig,
  metrics: assetsMetrics,
  actions: assetsActions,
  routes: assetsRoutes,
  optimizationPath: 'images',
  host: async () => (await import('./host.ts')).host,
  async create({ config, ports, runtime, clock }) {
    const { ImageClient } = await import('./platform/image-client.ts')
    const now = (): number => clock.now()
    const service = new AssetsService({ config, client: new ImageClient(runtime), ports, now })
    ports.provide('imageOptimizer', service)
    return service
  },
  health: async (service) => service.health(),
  async overview(service) {
    const reader = service.ports.find('metricReader')
    return reader === undefined ? {} : readUsage(reader, service.now(), OVERVIEW_WINDOW_MS)
  },
  async dispose(service) {
    service.ports.withdraw('imageOptimizer')
    await service.dispose()
  },
})
