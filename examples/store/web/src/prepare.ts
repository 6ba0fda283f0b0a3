import { createLogger } from '@millrace/core'
import { requireSetting } from '@millrace-store/store/service'
import { createHash } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

// Run by the platform before the first instance starts: builds the client when its sources have changed, into the
// data directory, so that two copies of the store side by side never meet in one folder.

const webDir = new URL('..', import.meta.url).pathname
const clientDir = join(webDir, 'client')

async function hashSources(): Promise<string> {
  const entries = await readdir(clientDir, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const hash = createHash('sha256')
  for (const file of [...files, join(webDir, 'vite.config.ts'), join(webDir, 'package.json')]) {
    hash
      .update(file.slice(webDir.length))
      .update('\0')
      .update(await readFile(file))
      .update('\0')
  }
  return hash.digest('hex')
}

const logger = createLogger({ bindings: { component: 'web-prepare' } })
const outDir = join(requireSetting('STORE_DATA_DIR'), 'web')
const wanted = await hashSources()
const built = await readFile(join(outDir, '.sources'), 'utf8').catch(() => '')
if (built !== wanted) {
  // Whatever the environment says: visitors never get React's development build, which is twice the size.
  process.env.NODE_ENV = 'production'
  const { build } = await import('vite')
  const partial = `${outDir}.${process.pid}.partial`
  try {
    await build({
      configFile: join(webDir, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: partial, emptyOutDir: true },
    })
    await writeFile(join(partial, '.sources'), wanted)
    await rm(outDir, { recursive: true, force: true })
    await rename(partial, outDir)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}
logger.info({ built: built !== wanted }, 'web client is ready')
