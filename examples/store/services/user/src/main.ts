import { createCache } from '@millrace/cache'
import { createLogger } from '@millrace/core'
import { shareInvalidations } from '@millrace-store/store/caching'
import { createPool, listenAddress, requireSetting, stopOnSignal } from '@millrace-store/store/service'
import { once } from 'node:events'
import { buildUser } from './app.ts'

const logger = createLogger({ level: process.env.LOG_LEVEL ?? 'info', bindings: { component: 'user' } })
const url = requireSetting('DATABASE_URL')
const database = createPool({ url, name: 'user', logger })
const cache = createCache({ name: 'user' })
const invalidation = shareInvalidations({ cache, database, url, logger })
const app = buildUser({ logger, database, cache, invalidate: invalidation.invalidate })

const { port, host } = listenAddress()
const server = app.listen(port, host)
// Longer than the gateway keeps an idle connection, or it would send a request into one that is just closing.
server.keepAliveTimeout = 72_000
await once(server, 'listening')

stopOnSignal(async () => {
  server.close()
  server.closeIdleConnections()
  await once(server, 'close')
  await invalidation.close()
  await database.end()
  await cache.close()
}, logger)
logger.info({ port, host }, 'listening')
