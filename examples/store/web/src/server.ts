import { createLogger } from '@millrace/core'
import { listenAddress, requireSetting, stopOnSignal } from '@millrace-store/store/service'
import { buildWeb } from './app.ts'

const logger = createLogger({ level: process.env.LOG_LEVEL ?? 'info', bindings: { component: 'web' } })
const app = await buildWeb({ logger, dataDir: requireSetting('STORE_DATA_DIR') })

stopOnSignal(() => app.close(), logger)
logger.info({ address: await app.listen(listenAddress()) }, 'listening')
