import { createLogger } from '@millrace/core'
import { migrate } from '@millrace-store/store/migrate'
import { requireSetting } from '@millrace-store/store/service'
import { join } from 'node:path'
import { migrations } from './migrations.ts'
import { makePictures } from './pictures.ts'

// Run by the platform before the first instance starts (`prepare` in millrace.config.ts).

const logger = createLogger({ bindings: { component: 'media-prepare' } })
const [result, pictures] = await Promise.all([
  migrate({ url: requireSetting('DATABASE_URL'), migrations }),
  makePictures(join(requireSetting('STORE_DATA_DIR'), 'images')),
])
logger.info({ ...result, pictures }, 'media database and pictures are ready')
