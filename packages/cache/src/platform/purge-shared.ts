import type { SharedStore } from '../drivers/driver.ts'
import { invalidationOf, patternOf, type PurgeScope } from './purge-scope.ts'
import type { SharedKeyspaces } from './keyspaces.ts'
import type { TierReport } from './purge-report.ts'

/** Keys looked at for one preview, per keyspace: a large Redis answers this within a second or two. */
const MAX_SCANNED = 200_000
const MAX_LISTED = 10_000
const SAMPLE = 20
const LIST_LIMIT_MS = 10_000
const INVALIDATE_LIMIT_MS = 2_000
/** Removing what a pattern matches goes on in small steps; stale it is from the first moment. */
const SWEEP_LIMIT_MS = 60_000

export interface SharedPreview {
  report: TierReport
  sampleKeys: string[]
}

/** Counts what a purge would concern in one keyspace, without changing anything. */
export async function previewShared(
  shared: SharedKeyspaces,
  keyspace: string,
  scope: PurgeScope,
): Promise<SharedPreview> {
  const base = { tier: 'shared', keyspace, outcome: 'would-purge' } as const
  const pattern = patternOf(scope)
  if (pattern === undefined) {
    const note = 'Tags are stamps: entries are not looked at, so how many carry one is not known.'
    return { report: { ...base, entries: null, exact: false, note }, sampleKeys: [] }
  }
  const keys = (store: SharedStore): Promise<{ keys: string[]; more: boolean }> =>
    scope.kind === 'key'
      ? single(store, `${scope.namespace}:${scope.id}`)
      : store.list(pattern, { limit: MAX_LISTED, maxScanned: MAX_SCANNED })
  const found = await shared.use(keyspace, (store) => shared.within(keys(store), LIST_LIMIT_MS))
  const note = found.more
    ? `At least: no more than ${MAX_LISTED} matches and ${MAX_SCANNED} keys are looked at.`
    : 'Counted just now; entries that are stale already are among them.'
  return {
    report: { ...base, entries: found.keys.length, exact: !found.more, note },
    sampleKeys: found.keys.slice(0, SAMPLE),
  }
}

/** A key that is named needs no search. */
async function single(store: SharedStore, key: string): Promise<{ keys: string[]; more: boolean }> {
  const { records } = await store.read([key], [])
  return { keys: records[0] === undefined ? [] : [key], more: false }
}

/** Makes stale in one keyspace; every process that follows it hears of it. */
export async function purgeShared(
  shared: SharedKeyspaces,
  keyspace: string,
  scope: PurgeScope,
  signal: AbortSignal,
): Promise<TierReport> {
  const what = invalidationOf(scope)!
  const base = { tier: 'shared', keyspace, outcome: 'purged' } as const
  return shared.use(keyspace, async (store) => {
    await shared.within(store.invalidate(what), INVALIDATE_LIMIT_MS)
    if (what.kind === 'pattern') {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(SWEEP_LIMIT_MS)])
      const removed = await store.sweep(what.pattern, limit)
      return { ...base, entries: removed, exact: true, note: 'Stale at once, and removed.' }
    }
    if (what.kind === 'keys')
      return {
        ...base,
        entries: null,
        exact: false,
        note: 'Removed if it was there; late writes are refused.',
      }
    const note = 'Stale at once, by one stamp; the memory is given back as entries reach their time to live.'
    return { ...base, entries: null, exact: false, note }
  })
}
