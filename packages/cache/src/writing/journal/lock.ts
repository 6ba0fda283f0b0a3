import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@millrace/core'
import { processIdentity } from '@millrace/core/process'
import { cacheErrors } from '../../errors.ts'

interface Holder {
  host: string
  pid: number
  identity: string | undefined
  token: string
  /** Given back in an orderly way. */
  released?: true
}

/** How often a holder shows that it lives, and how long one on another host may be silent. */
const HEARTBEAT_MS = 10_000
const LEASE_MS = 60_000
const NAME = /^lock\.(\d{10})$/

export interface DirectoryLock {
  release(): void
}

/**
 * Keeps a second process out of a folder, whatever kills the first. Locks are numbered files that only one process can
 * create, and the highest number holds: taking over a dead holder's lock means creating the next number, so two that
 * see the same dead holder cannot both succeed. On one host a holder is alive while its process runs (pid and start
 * time); one on another host, which can only be asked through the shared folder, while its file was touched within 60 s.
 * @throws CACHE_JOURNAL_LOCKED
 */
export function lockDirectory(directory: string): DirectoryLock {
  const me: Holder = {
    host: hostname(),
    pid: process.pid,
    identity: processIdentity(process.pid),
    token: randomBytes(8).toString('hex'),
  }
  for (;;) {
    const top = highest(directory)
    const holder = top === 0 ? undefined : read(join(directory, nameOf(top)))
    if (holder !== undefined && isAlive(holder, join(directory, nameOf(top)))) {
      throw cacheErrors.JOURNAL_LOCKED({ directory, host: holder.host, pid: holder.pid })
    }
    const file = join(directory, nameOf(top + 1))
    if (!create(file, me)) continue
    // Since we looked, somebody may have taken this number, left, and gone on to a higher one; and the holder below may
    // have been writing its file just then.
    const below = read(join(directory, nameOf(top)))
    const lives = below !== undefined && isAlive(below, join(directory, nameOf(top)))
    if (lives || highest(directory) !== top + 1) {
      rmSync(file, { force: true })
      continue
    }
    for (const number of numbers(directory)) {
      if (number <= top) rmSync(join(directory, nameOf(number)), { force: true })
    }
    return hold(file, me)
  }
}

function hold(file: string, me: Holder): DirectoryLock {
  const stop = systemClock.every(HEARTBEAT_MS, () => {
    try {
      const now = new Date()
      utimesSync(file, now, now)
    } catch {
      // Removed by hand, or the disk is away: the journal itself meets that at its next write.
    }
  })
  return {
    release: () => {
      stop()
      try {
        // Not removed: the numbers must go on rising.
        writeFileSync(file, JSON.stringify({ ...me, released: true }))
      } catch {
        // A full disk leaves it empty, which nobody holds either; otherwise it is given up when this process ends.
      }
    },
  }
}

const nameOf = (number: number): string => `lock.${String(number).padStart(10, '0')}`

const numbers = (directory: string): number[] =>
  readdirSync(directory).flatMap((name) => {
    const match = NAME.exec(name)
    return match === null ? [] : [Number(match[1])]
  })

const highest = (directory: string): number => Math.max(0, ...numbers(directory))

function create(file: string, holder: Holder): boolean {
  try {
    writeFileSync(file, JSON.stringify(holder), { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw cacheErrors.JOURNAL_UNWRITABLE({ file, reason: (error as Error).message }, error)
  }
}

/** Undefined when the file is gone or was never completed. */
function read(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

function isAlive(holder: Holder, file: string): boolean {
  if (holder.released === true) return false
  if (holder.host === hostname()) {
    const identity = processIdentity(holder.pid)
    return identity !== undefined && identity === holder.identity
  }
  try {
    return Date.now() - statSync(file).mtimeMs < LEASE_MS
  } catch {
    return false
  }
}
