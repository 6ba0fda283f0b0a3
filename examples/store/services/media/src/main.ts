import { createLogger } from '@millrace/core'
import { createPool, listenAddress, requireSetting, stopOnSignal } from '@millrace-store/store/service'
import { buildMedia } from './app.ts'
import { createStorage } from './storage.ts'

/** 512 MiB, so that a demonstration cannot fill a disk. */
const MAX_STORED_BYTES = 512 * 1_024 * 1_024

const logger = createLogger({ level: process.env.LOG_LEVEL ?? 'info', bindings: { component: 'media' } })
const database = createPool({ url: requireSetting('DATABASE_URL'), name: 'media', logger })
const storage = createStorage(requireSetting('STORE_DATA_DIR'))
const app = await buildMedia({ logger, database, storage, maxStoredBytes: MAX_STORED_BYTES })

stopOnSignal(async () => {
  await app.close()
  await database.end()
}, logger)
logger.info({ address: await app.listen(listenAddress()) }, 'listening')
