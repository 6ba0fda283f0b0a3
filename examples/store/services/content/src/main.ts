import { createCache } from '@millrace/cache'
import { createLogger } from '@millrace/core'
import { shareInvalidations } from '@millrace-store/store/caching'
import { createPool, listenAddress, requireSetting, stopOnSignal } from '@millrace-store/store/service'
import { buildContent } from './app.ts'

const logger = createLogger({ level: process.env.LOG_LEVEL ?? 'info', bindings: { component: 'content' } })
const url = requireSetting('DATABASE_URL')
const database = createPool({ url, name: 'content', logger })
const cache = createCache({ name: 'content' })
const invalidation = shareInvalidations({ cache, database, url, logger })
const app = buildContent({ logger, database, cache, invalidate: invalidation.invalidate })

stopOnSignal(async () => {
  await app.close()
  await invalidation.close()
  await database.end()
  await cache.close()
}, logger)
logger.info({ address: await app.listen(listenAddress()) }, 'listening')
