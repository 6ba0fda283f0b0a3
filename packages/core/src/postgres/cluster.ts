import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '../logger/logger.ts'
import { runCommand } from '../process/run-command.ts'
import type { PostgresBinaries } from './binaries.ts'
import { postgresErrors } from './errors.ts'
import type { SystemUser } from './system-user.ts'

/** The superuser of every embedded cluster. */
export const SUPERUSER = 'postgres'

/** Where things are inside the folder an embedded PostgreSQL is given. */
export interface ClusterPaths {
  /** PGDATA. */
  cluster: string
  password: string
  /** The port of the last run and who ran it. */
  state: string
}

export const clusterPaths = (dataDir: string): ClusterPaths => ({
  cluster: join(dataDir, 'cluster'),
  password: join(dataDir, 'password'),
  state: join(dataDir, 'state.json'),
})

/** What the server's processes inherit: nothing of ours, so that no PG* variable of the caller changes it. */
export const SERVER_ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin', HOME: '/' }

/**
 * Creates the cluster unless it exists, and returns the superuser's password. initdb works in a folder beside it, which
 * is renamed when complete: an interrupted first start leaves nothing half made.
 */
export async function createCluster(
  dataDir: string,
  binaries: PostgresBinaries,
  options: { user: SystemUser | undefined; sync: boolean; logger: Logger },
): Promise<string> {
  const { user, logger } = options
  const paths = clusterPaths(dataDir)
  mkdirSync(dataDir, { recursive: true, mode: 0o711 })
  if (existsSync(join(paths.cluster, 'PG_VERSION'))) return readFileSync(paths.password, 'utf8').trim()
  const unfinished = `${paths.cluster}.new`
  rmSync(unfinished, { recursive: true, force: true })
  const password = randomBytes(24).toString('base64url')
  writeFileSync(paths.password, `${password}\n`, { mode: 0o600 })
  chmodSync(paths.password, 0o600)
  const passwordForInitdb = `${paths.password}.initdb`
  writeFileSync(passwordForInitdb, `${password}\n`, { mode: 0o600 })
  mkdirSync(unfinished, { mode: 0o700 })
  if (user !== undefined) {
    chownSync(unfinished, user.uid, user.gid)
    chownSync(passwordForInitdb, user.uid, user.gid)
  }
  const lines: string[] = []
  try {
    await runCommand({
      command: [
        ...(user?.prefix ?? []),
        binaries.initdb,
        `--pgdata=${unfinished}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordForInitdb}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The same order and case rules on every machine, whatever locales it has.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--data-checksums',
        ...(options.sync ? [] : ['--no-sync']),
      ],
      ...runAs(user),
      cwd: dataDir,
      env: SERVER_ENVIRONMENT,
      timeoutMs: 180_000,
      logger,
      onLine: (line) => {
        lines.push(line)
        logger.debug({ stream: 'initdb' }, line)
      },
    })
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    throw postgresErrors.START_FAILED({ reason: 'initdb failed', output: lines.slice(-10) }, error)
  } finally {
    rmSync(passwordForInitdb, { force: true })
  }
  renameSync(unfinished, paths.cluster)
  return password
}

/** With a prefix it is `setpriv` that changes the user, and that needs to begin as root. */
export function runAs(user: SystemUser | undefined): { uid?: number; gid?: number } {
  return user === undefined || user.prefix.length > 0 ? {} : { uid: user.uid, gid: user.gid }
}
