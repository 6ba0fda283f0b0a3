import { createLogger, settingsFromEnvironment } from '@millrace/core'
import { createServiceCache } from '@millrace-store/store/caching'
import { createPool, listenAddress, requireSetting, stopOnSignal } from '@millrace-store/store/service'
import { buildContent } from './app.ts'

const logger = createLogger({ level: process.env.LOG_LEVEL ?? 'info', bindings: { component: 'content' } })
const url = requireSetting('DATABASE_URL')
const database = createPool({ url, name: 'content', logger })
const redis = settingsFromEnvironment(process.env)
const cache = createServiceCache({ name: 'content', database, url, redis, logger })
const app = buildContent({ logger, database, cache })

stopOnSignal(async () => {
  await app.close()
  await cache.close()
  await database.end()
}, logger)
logger.info({ address: await app.listen(listenAddress()) }, 'listening')
