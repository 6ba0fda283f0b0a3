import { defineCapability } from '@millrace/core'
import { sampleActions } from './actions.ts'
import { sampleConfig } from './config.ts'
import { DiskWatch } from './disk/disk-watch.ts'
import { sampleMetrics } from './metrics.ts'
import { sampleRecommendations } from './recommendations.ts'
import { sampleRoutes } from './routes.ts'

export const capability = defineCapability({
  name: 'sample',
  title: 'Sample',
  summary: 'Watches how full the disk of the data directory is.',
  config: sampleConfig,
  metrics: sampleMetrics,
  actions: sampleActions,
  routes: sampleRoutes,

  create: ({ config, clock, logger, metrics, dataDir }) =>
    DiskWatch.start({ folder: dataDir, config, clock, logger, metrics }),

  async health({ reading, config }) {
    if ('error' in reading) return { state: 'failed', message: reading.error.message }
    const { usedRatio } = reading.usage
    const state = usedRatio > config.warnAboveRatio ? 'degraded' : 'healthy'
    return { state, message: `${Math.round(usedRatio * 100)} % of the disk is used` }
  },

  async overview({ reading }) {
    return 'usage' in reading ? { ...reading.usage } : { error: reading.error.message }
  },

  recommend: async ({ reading, config }) => sampleRecommendations(reading, config),

  dispose: async (watch) => watch.stop(),
})
