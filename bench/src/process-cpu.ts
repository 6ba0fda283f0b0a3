import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** CPU time from /proc (Linux). Seconds throughout. */

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).trim())

interface ProcessTimes {
  pid: number
  parent: number
  /** User and system time of the process. */
  own: number
  /** The same of its children that have ended. */
  ended: number
}

function read(pid: number | 'self'): ProcessTimes | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The name stands in parentheses and may contain anything, so fields are counted from its end (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3])
  return {
    pid: Number(stat.slice(0, stat.indexOf(' '))),
    parent: field(4),
    own: (field(14) + field(15)) / ticksPerSecond,
    ended: (field(16) + field(17)) / ticksPerSecond,
  }
}

/** Of a process and everything below it, ended children included. */
export function treeCpu(pid: number): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => read(Number(name)) ?? [])
  const members = new Set([pid])
  for (let grown = true; grown;) {
    grown = false
    for (const { pid: child, parent } of processes) {
      if (members.has(parent) && !members.has(child)) {
        members.add(child)
        grown = true
      }
    }
  }
  return processes
    .filter((candidate) => members.has(candidate.pid))
    .reduce((sum, { own, ended }) => sum + own + ended, 0)
}

/** Of the whole machine: everything but idle and waiting for disks. */
export function machineCpu(): number {
  const [, ...values] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.split(/\s+/)
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = values.map(Number)
  return (user + nice + system + irq + softirq + steal) / ticksPerSecond
}

export interface CpuSpan {
  /** Seconds used by the process under test. */
  process: number
  /** Share of the machine used by neither it nor the benchmark. */
  foreign: number
}

/** CPU of one process tree while `work` runs, and of strangers. This process and its children are the benchmark. */
export async function withCpu<Result>(
  pid: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; cpu: CpuSpan }> {
  const startedAt = performance.now()
  const before = { process: treeCpu(pid), ours: treeCpu(process.pid), machine: machineCpu() }
  const result = await work()
  const seconds = (performance.now() - startedAt) / 1_000
  const machine = machineCpu() - before.machine
  const ours = treeCpu(process.pid) - before.ours
  return {
    result,
    cpu: {
      process: treeCpu(pid) - before.process,
      foreign: Math.max(0, machine - ours) / (seconds * availableParallelism()),
    },
  }
}
