import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../clock/clock.ts'
import type { Logger } from '../logger/logger.ts'
import { processExists } from '../process/process-table.ts'

const POLL_MS = 20

/**
 * Makes a cluster startable after whatever happened before: a server that outlived its supervisor is shut down (fast, then
 * by force), backends whose postmaster was killed are waited for, and a postmaster.pid whose pid belongs to
 * something else by now is removed. PostgreSQL itself only handles the case of a dead pid, and refuses otherwise.
 */
export async function clearLeftovers(cluster: string, logger: Logger, clock: Clock): Promise<void> {
  const lockFile = join(cluster, 'postmaster.pid')
  const pid = readPid(lockFile)
  if (pid !== undefined && processExists(pid)) {
    if (isServerOf(pid, cluster)) {
      logger.warn({ orphan: pid }, 'shutting down a database server that an earlier run left behind')
      for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
        kill(pid, signal)
        if (await until(() => !isServerOf(pid, cluster), 10_000, clock)) break
      }
    } else {
      logger.warn({ pid }, 'removing a stale postmaster.pid: that process is not a database server')
      rmSync(lockFile, { force: true })
    }
  }
  // Backends of a killed postmaster notice by themselves; while one lives, a new server must not start.
  if (!(await until(() => processesIn(cluster).length === 0, 10_000, clock))) {
    for (const left of processesIn(cluster)) kill(left, 'SIGKILL')
    await until(() => processesIn(cluster).length === 0, 5_000, clock)
  }
}

function readPid(lockFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(lockFile, 'utf8').split('\n', 1)[0])
    return Number.isInteger(pid) && pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

function isServerOf(pid: number, cluster: string): boolean {
  if (process.platform === 'linux') return workingDirectory(pid) === realpathSync(cluster)
  try {
    const command = execFileSync('ps', ['-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 5_000,
    })
    return command.includes(cluster)
  } catch {
    return false
  }
}

/** Every process of a server works in its data directory. Linux only; elsewhere empty. */
function processesIn(cluster: string): number[] {
  if (process.platform !== 'linux') return []
  const folder = realpathSync(cluster)
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && workingDirectory(pid) === folder)
}

function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    // Ended, a zombie, or not ours to look at.
    return undefined
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself.
  }
}

async function until(condition: () => boolean, deadlineMs: number, clock: Clock): Promise<boolean> {
  const end = clock.monotonic() + deadlineMs
  while (!condition()) {
    if (clock.monotonic() >= end) return false
    await clock.sleep(POLL_MS)
  }
  return true
}
