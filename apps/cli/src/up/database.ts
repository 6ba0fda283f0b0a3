import type { ApplicationConfig, Clock, ComponentStatus, Logger, PlatformConfig } from '@millrace/core'
import { createExternalDatabase, startEmbeddedPostgres, waitForDatabase } from '@millrace/core/postgres'
import type { RunFiles } from '@millrace/core/process'
import type { DataDir } from './data-dir.ts'

/** Name of the control plane's own database on an embedded server. */
const OWN_DATABASE = 'millrace'

export interface PlatformDatabase {
  /** Of the control plane's database. */
  url: string
  /** Address of a database for an application, made when missing. */
  provide(name: string): Promise<string>
  components(): ComponentStatus[]
  stop(options: { deadlineMs: number }): Promise<void>
}

/** The embedded PostgreSQL, or the one at DATABASE_URL. */
export async function startDatabase(options: {
  platform: PlatformConfig
  dataDir: DataDir
  logger: Logger
  clock: Clock
  runFiles: RunFiles
  onChange: () => void
}): Promise<PlatformDatabase> {
  const { url } = options.platform.postgres
  if (url !== undefined) {
    await waitForDatabase(url)
    return {
      url,
      provide: (name) => createExternalDatabase(url, name),
      // Not ours to keep alive: the control plane's readiness tells how it is.
      components: () => [],
      stop: async () => {},
    }
  }
  const server = await startEmbeddedPostgres({
    dataDir: options.dataDir.folderForDatabase(),
    logger: options.logger.child({ component: 'postgres' }),
    clock: options.clock,
    runFiles: options.runFiles,
  })
  server.onChange(options.onChange)
  await server.createDatabase(OWN_DATABASE)
  return {
    url: server.url(OWN_DATABASE),
    provide: (name) => server.createDatabase(name),
    components: () => [server.status()],
    stop: (stop) => server.stop(stop),
  }
}

/** Makes the databases an application asks for; their addresses by environment variable. */
export async function provideDatabases(
  { database, databases }: ApplicationConfig,
  on: PlatformDatabase,
): Promise<Record<string, string>> {
  const wanted = { ...databases, ...(database === undefined ? {} : { DATABASE_URL: database }) }
  const urls: Record<string, string> = {}
  for (const [variable, name] of Object.entries(wanted)) urls[variable] = await on.provide(name)
  return urls
}
