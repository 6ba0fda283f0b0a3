import { execFileSync } from 'node:child_process'
import { cpus, release } from 'node:os'
import type { Samples } from './run.ts'
import { median, rounded } from './statistics.ts'

export interface Meta {
  commit: string
  /** Whether files differed from that commit. */
  modified: boolean
  date: string
  cpu: string
  cpus: number
  kernel: string
  node: string
  rounds: number
  seconds: number
  missing: Samples['missing']
  /** Median share of the machine's CPU that strangers used, by case and contender. */
  foreignCpu: Record<string, Record<string, number>>
  /** Every value of every round. */
  samples: Record<string, Record<string, Record<string, number>[]>>
}

const git = (root: string, ...args: string[]): string => {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

const mapValues = <In, Out>(record: Record<string, In>, map: (value: In) => Out): Record<string, Out> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))

export function describeRun(root: string, samples: Samples, run: { rounds: number; seconds: number }): Meta {
  return {
    commit: git(root, 'rev-parse', 'HEAD') || 'unknown',
    modified: git(root, 'status', '--porcelain', '--untracked-files=no') !== '',
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    kernel: release(),
    node: process.version,
    ...run,
    missing: samples.missing,
    foreignCpu: mapValues(samples.measurements, (contenders) =>
      mapValues(contenders, (list) => rounded(median(list.map(({ foreignCpu }) => foreignCpu ?? 0)))),
    ),
    samples: mapValues(samples.measurements, (contenders) =>
      mapValues(contenders, (list) => list.map(({ values }) => mapValues(values, rounded))),
    ),
  }
}
