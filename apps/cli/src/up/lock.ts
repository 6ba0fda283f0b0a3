import { randomBytes } from 'node:crypto'
import { constants, copyFileSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { processIdentity } from '@millrace/core/process'
import { cliErrors } from '../errors.ts'

interface Owner {
  pid: number
  identity: string | undefined
}

export interface DataDirLock {
  release(): void
}

/**
 * Keeps a second supervisor out of a data directory. A lock whose owner died (also by SIGKILL, also with its pid given
 * to another process since) is taken over. Throws CLI_ALREADY_RUNNING with the pid of the owner.
 */
export function lockDataDir(file: string, dataDir: string): DataDirLock {
  const mine: Owner = { pid: process.pid, identity: processIdentity(process.pid) }
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 })
  try {
    for (;;) {
      // Linking fails when the name exists, and the file is complete from the first moment.
      if (link(draft, file)) break
      const owner = readOwner(file)
      if (owner !== undefined && isAlive(owner)) throw cliErrors.ALREADY_RUNNING({ dataDir, pid: owner.pid })
      takeAway(file, dataDir)
    }
  } finally {
    rmSync(draft, { force: true })
  }
  return { release: () => rmSync(file, { force: true }) }
}

/** Removes a stale lock. Two starting at once may both have seen it: what is taken away must really be stale. */
function takeAway(file: string, dataDir: string): void {
  const stale = `${file}.${randomBytes(6).toString('hex')}.stale`
  try {
    renameSync(file, stale)
  } catch {
    return
  }
  const owner = readOwner(stale)
  if (owner !== undefined && isAlive(owner)) {
    link(stale, file)
    rmSync(stale, { force: true })
    throw cliErrors.ALREADY_RUNNING({ dataDir, pid: owner.pid })
  }
  rmSync(stale, { force: true })
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    return copyExclusively(from, to)
  }
}

/** Some network and container file systems have no hard links. */
function copyExclusively(from: string, to: string): boolean {
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function readOwner(file: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner
  } catch {
    return undefined
  }
}

const isAlive = ({ pid, identity }: Owner): boolean => {
  const now = processIdentity(pid)
  return now !== undefined && now === identity
}
