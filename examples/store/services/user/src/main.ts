import { createLogger, settingsFromEnvironment } from '@millrace/core'
import { createServiceCache } from '@millrace-store/store/caching'
import { createPool, listenAddress, requireSetting, stopOnSignal } from '@millrace-store/store/service'
import { once } from 'node:events'
import { buildUser } from './app.ts'

const logger = createLogger({ level: process.env.LOG_LEVEL ?? 'info', bindings: { component: 'user' } })
const url = requireSetting('DATABASE_URL')
const database = createPool({ url, name: 'user', logger })
const redis = settingsFromEnvironment(process.env)
const cache = createServiceCache({ name: 'user', database, url, redis, logger })
const app = buildUser({ logger, database, cache })

const { port, host } = listenAddress()
const server = app.listen(port, host)
// Longer than the gateway keeps an idle connection, or it would send a request into one that is just closing.
server.keepAliveTimeout = 72_000
await once(server, 'listening')

stopOnSignal(async () => {
  server.close()
  server.closeIdleConnections()
  await once(server, 'close')
  await cache.close()
  await database.end()
}, logger)
logger.info({ port, host }, 'listening')
