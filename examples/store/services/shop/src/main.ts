import { createCache } from '@millrace/cache'
import { createLogger } from '@millrace/core'
import { shareInvalidations } from '@millrace-store/store/caching'
import { createPool, listenAddress, requireSetting, stopOnSignal } from '@millrace-store/store/service'
import { buildShop } from './app.ts'

const logger = createLogger({ level: process.env.LOG_LEVEL ?? 'info', bindings: { component: 'shop' } })
const url = requireSetting('DATABASE_URL')
const database = createPool({ url, name: 'shop', logger })
const cache = createCache({ name: 'shop' })
const invalidation = shareInvalidations({ cache, database, url, logger })
const app = buildShop({ logger, database, cache, invalidate: invalidation.invalidate })

stopOnSignal(async () => {
  await app.close()
  await invalidation.close()
  await database.end()
  await cache.close()
}, logger)
logger.info({ address: await app.listen(listenAddress()) }, 'listening')
