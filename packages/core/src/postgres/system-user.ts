import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { postgresErrors } from './errors.ts'

/** Who the server runs as, when that is not who we are. */
export interface SystemUser {
  name: string
  uid: number
  gid: number
  /** Put before each command: keeps the one capability that enters folders closed to others. */
  prefix: readonly string[]
}

/** Whom the server runs as for root: an account that exists, so that nothing of the system is changed. */
const USERS = ['postgres', 'nobody']

/**
 * PostgreSQL refuses to run as root. For root this is whoever owns the cluster already, else `postgres` or `nobody`, and
 * only where neither exists a new user; for everybody else undefined. Where that user cannot enter a folder on the way to `paths` (a clone below /root, `mktemp -d`), the
 * server keeps the capability to search directories, which is a small part of what the caller has anyway.
 * Throws POSTGRES_USER_NOT_CREATED, POSTGRES_NOT_REACHABLE_BY_USER.
 */
export function databaseUser(cluster: string, binary: string): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const { name, uid, gid } = ownerOf(cluster) ?? findUser(...USERS) ?? createUser()
  for (const path of [cluster, binary]) {
    const folder = firstClosedFolder(path, uid, gid)
    if (folder === undefined) continue
    const prefix = capabilityPrefix(uid, gid)
    if (prefix === undefined) throw postgresErrors.NOT_REACHABLE_BY_USER({ folder, user: name, path })
    return { name, uid, gid, prefix }
  }
  return { name, uid, gid, prefix: [] }
}

interface Account {
  name: string
  uid: number
  gid: number
}

function accounts(): Account[] {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
      .filter(({ uid }) => uid > 0)
  } catch {
    return []
  }
}

/** The first of those names that is an account. */
function findUser(...names: readonly string[]): Account | undefined {
  const known = accounts()
  return names.map((name) => known.find((account) => account.name === name)).find(Boolean)
}

/** PostgreSQL accepts only files of the user it runs as: a cluster keeps its owner. */
function ownerOf(cluster: string): Account | undefined {
  if (!existsSync(cluster)) return undefined
  const { uid } = statSync(cluster)
  return accounts().find((account) => account.uid === uid)
}

function createUser(): Account {
  const name = USERS[0]!
  const attempts: [string, string[]][] = [
    ['useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name]],
    // BusyBox (Alpine).
    ['adduser', ['-S', '-D', '-H', '-s', '/sbin/nologin', name]],
  ]
  let reason = ''
  for (const [command, args] of attempts) {
    try {
      execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 10_000 })
      const user = findUser(name)
      if (user !== undefined) return user
    } catch (error) {
      reason ||= (error as Error).message.trim()
    }
  }
  throw postgresErrors.USER_NOT_CREATED({ user: name, reason })
}

/** The folder nearest to the root on the way to `path` that the user may not enter. */
function firstClosedFolder(path: string, uid: number, gid: number): string | undefined {
  const folders: string[] = []
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    folders.unshift(folder)
    if (folder === dirname(folder)) break
  }
  return folders.find((folder) => {
    if (!existsSync(folder)) return false
    const { mode, uid: owner, gid: group } = statSync(folder)
    const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001
    return (mode & bit) === 0
  })
}

// Bits of capabilities(7). The second is wider, and the only one of the two that container engines leave by default.
const CAPABILITIES: [string, bigint][] = [
  ['dac_read_search', 2n],
  ['dac_override', 1n],
]
/** Needed to hand one on. */
const SETPCAP = 8n

function capabilityPrefix(uid: number, gid: number): string[] | undefined {
  const setpriv = findOnPath('setpriv')
  if (setpriv === undefined) return undefined
  let effective: bigint
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`)
  } catch {
    return undefined
  }
  const has = (bit: bigint): boolean => (effective & (1n << bit)) !== 0n
  const [capability] = CAPABILITIES.find(([, bit]) => has(bit)) ?? []
  if (capability === undefined || !has(SETPCAP)) return undefined
  return [
    setpriv,
    // Without it access(2), by which the server looks for its own files, answers as if the capability were not there.
    '--securebits=+no_setuid_fixup',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--no-new-privs',
    `--inh-caps=-all,+${capability}`,
    `--ambient-caps=-all,+${capability}`,
    `--bounding-set=-all,+${capability}`,
  ]
}

function findOnPath(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/bin', '/bin', '/sbin', '/usr/sbin']
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
