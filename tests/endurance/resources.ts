import { readdirSync, readFileSync } from 'node:fs'

/** What processes hold. */
export interface Held {
  processes: number
  /** Resident memory, all of them together. */
  megabytes: number
  descriptors: number
}

function parentOf(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
  } catch {
    return undefined
  }
}

/** The process and those of its descendants that belong to the gateway: its workers, or HAProxy's. */
export function gatewayProcesses(supervisor: number): string[] {
  const found = [String(supervisor)]
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const parents = new Map(all.map((pid) => [pid, parentOf(pid)]))
  for (const pid of found) {
    for (const [child, parent] of parents) {
      if (parent === pid && isGateway(child)) found.push(child)
    }
  }
  return found
}

function isGateway(pid: string): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return /haproxy|gateway\/(?:src|dist)\/supervisor\/worker/.test(command)
  } catch {
    return false
  }
}

export function held(supervisor: number): Held {
  const sum: Held = { processes: 0, megabytes: 0, descriptors: 0 }
  for (const pid of gatewayProcesses(supervisor)) {
    try {
      const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
      sum.descriptors += readdirSync(`/proc/${pid}/fd`).length
      sum.megabytes += (pages * 4_096) / 1e6
      sum.processes++
    } catch {
      // It has just ended.
    }
  }
  sum.megabytes = Math.round(sum.megabytes)
  return sum
}
