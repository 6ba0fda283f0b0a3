import { createLogger, settingsFromEnvironment } from '@millrace/core'
import { createServiceCache } from '@millrace-store/store/caching'
import { createPool, listenAddress, requireSetting, stopOnSignal } from '@millrace-store/store/service'
import { buildShop } from './app.ts'

const logger = createLogger({ level: process.env.LOG_LEVEL ?? 'info', bindings: { component: 'shop' } })
const url = requireSetting('DATABASE_URL')
const database = createPool({ url, name: 'shop', logger })
const redis = settingsFromEnvironment(process.env)
const cache = createServiceCache({ name: 'shop', database, url, redis, logger })
const app = buildShop({ logger, database, cache })

stopOnSignal(async () => {
  await app.close()
  await cache.close()
  await database.end()
}, logger)
logger.info({ address: await app.listen(listenAddress()) }, 'listening')
