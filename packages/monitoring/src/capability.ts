import { defineCapability } from '@millrace/core'
import { monitoringActions } from './actions.ts'
import { monitoringConfig } from './config.ts'
import { monitoringMetrics } from './metrics.ts'
import { findRecommendations } from './report/diagnosis.ts'
import { createReporter } from './report/reporter.ts'
import { monitoringRoutes, overviewOf } from './routes.ts'
import { MonitoringService } from './service.ts'

export const capability = defineCapability({
  name: 'monitoring',
  title: 'Monitoring',
  summary: 'Stores metrics of the system and of every application, and answers range queries over them.',
  config: monitoringConfig,
  metrics: monitoringMetrics,
  actions: monitoringActions,
  routes: monitoringRoutes,
  optimizationPath: 'performance',
  async create(context): Promise<MonitoringService> {
    const service = await MonitoringService.create(context)
    context.ports.provide('metricWriter', service.writer)
    context.ports.provide('metricReader', service.reader)
    context.ports.provide('reporter', createReporter(service.reader))
    return service
  },
  health: async (service) => service.health(),
  overview: async (service) => ({ ...(await overviewOf(service)) }),
  recommend: async (service) => (await findRecommendations(service)).recommendations,
  async dispose(service) {
    const { ports } = service.context
    ports.withdraw('metricWriter')
    ports.withdraw('metricReader')
    ports.withdraw('reporter')
    await service.dispose()
  },
})
