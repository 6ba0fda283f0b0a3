import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Reads of the system's process table. Linux answers from /proc; elsewhere `ps` is asked. */

interface ProcessStat {
  state: string
  groupId: number
  startTicks: string
}

function readStat(pid: number): ProcessStat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may contain anything, also ") ": count fields from its last closing one. proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0]!, groupId: Number(fields[2]), startTicks: fields[19]! }
  } catch {
    return undefined
  }
}

/** Whether a signal could be sent: also true for processes of other users. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/**
 * An identity that a process keeps for life and that no later process with the same pid has: boot and start time.
 * Undefined when no such process runs (a zombie does not run).
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = readStat(pid)
    if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return undefined
    return `${bootId()}:${stat.startTicks}`
  }
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 5_000,
    })
    return started.trim() === '' ? undefined : started.trim()
  } catch {
    return undefined
  }
}

/** Pids of a process group's running members; zombies that nobody collected do not count. */
export function groupMembers(groupId: number): number[] {
  try {
    process.kill(-groupId, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return []
  }
  if (process.platform !== 'linux') return [groupId]
  const members: number[] = []
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry)
    if (!Number.isInteger(pid)) continue
    const stat = readStat(pid)
    if (stat !== undefined && stat.groupId === groupId && stat.state !== 'Z' && stat.state !== 'X') {
      members.push(pid)
    }
  }
  return members
}

/** Whether a process was started with this variable in its environment. False where it cannot be read. */
export function hasEnvironment(pid: number, name: string, value: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${name}=${value}`)
  } catch {
    return false
  }
}
