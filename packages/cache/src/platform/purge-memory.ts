import type { MetricReader } from '@millrace/core'
import { levelOf } from './metric-reads.ts'
import type { TierReport } from './purge-report.ts'
import type { PurgeScope } from './purge-scope.ts'

/** What the control plane is told of the memory of others, a few seconds old. */
export interface ReportedMemory {
  service: string
  namespaces: { namespace: string; entries: number }[]
  /** Every one of its processes hears of the invalidations of others; undefined: it has no shared tier. */
  follows: boolean | undefined
}

const REPORTED = 'As its processes reported a few seconds ago.'
const UNKNOWN = 'Which of its entries match is known to its own processes only.'

export async function readReportedMemory(reader: MetricReader): Promise<ReportedMemory[]> {
  const [entries, follows] = await Promise.all([
    levelOf({ reader }, 'entries', ['service', 'namespace']),
    levelOf({ reader }, 'followerUp', ['service'], 'min'),
  ])
  const services = Map.groupBy(entries, ({ labels }) => labels.service ?? '')
  return [...services]
    .map(([service, rows]) => {
      const following = follows.find(({ labels }) => labels.service === service)
      return {
        service,
        namespaces: rows.map(({ labels, value }) => ({
          namespace: labels.namespace ?? '',
          entries: Math.round(value),
        })),
        follows: following === undefined ? undefined : following.value > 0,
      }
    })
    .toSorted((a, b) => a.service.localeCompare(b.service))
}

/** Entries of one service's memory that a purge concerns, as far as reports tell; null: they do not. */
function concerned({ namespaces }: ReportedMemory, scope: PurgeScope): number | null {
  const total = (rows: ReportedMemory['namespaces']): number =>
    rows.reduce((sum, row) => sum + row.entries, 0)
  if (scope.kind === 'all') return total(namespaces)
  if (scope.kind === 'namespace') return total(namespaces.filter((row) => row.namespace === scope.namespace))
  return null
}

/** What happens, or would, in the memory of the processes of one service. */
export function reportMemory(
  memory: ReportedMemory,
  scope: PurgeScope,
  preview: boolean,
): TierReport | undefined {
  const entries = concerned(memory, scope)
  const counted = entries === null ? UNKNOWN : REPORTED
  const base = { tier: 'memory', keyspace: memory.service, entries, exact: false } as const
  if (entries === 0) return undefined
  if (memory.follows === undefined) {
    const note = `${counted} It has no shared tier, so nobody can tell it: entries stay until their time to live ends.`
    return { ...base, outcome: 'unreached', note }
  }
  if (!memory.follows) {
    const note = `${counted} At least one process is cut off from the shared tier and follows when it is back.`
    return { ...base, outcome: preview ? 'would-purge' : 'requested', note }
  }
  return {
    ...base,
    outcome: preview ? 'would-purge' : 'purged',
    note: `${counted} Its processes hear of it through the shared tier.`,
  }
}
