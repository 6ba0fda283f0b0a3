import type { SharedStore } from '../drivers/driver.ts'
import { decodeHead } from '../shared/envelope.ts'
import { invalidationOf, patternOf, type PurgeScope } from './purge-scope.ts'
import type { SharedKeyspaces } from './keyspaces.ts'
import type { TierReport } from './purge-report.ts'

/** Keys looked at for one preview, per keyspace: a large Redis answers this within a second or two. */
const MAX_SCANNED = 200_000
const MAX_LISTED = 10_000
const SAMPLE = 20
/** For tags the records themselves are read: fewer of them, some at a time. */
const MAX_READ = 2_000
const READ_STEP = 100
const LOOK_LIMIT_MS = 10_000
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
  const found = await shared.use(keyspace, (store) => shared.within(count(store, scope), LOOK_LIMIT_MS))
  const { entries, exact, note, keys } = found
  const report = { tier: 'shared', keyspace, outcome: 'would-purge', entries, exact, note } as const
  return { report, sampleKeys: keys.slice(0, SAMPLE) }
}

interface Count {
  entries: number
  exact: boolean
  note: string
  keys: string[]
}

const COUNTED = 'Counted just now; entries that are stale already are among them.'

async function count(store: SharedStore, scope: PurgeScope): Promise<Count> {
  if (scope.kind === 'tags') return countTagged(store, scope.tags)
  const pattern = patternOf(scope)!
  const { keys, more } =
    scope.kind === 'key'
      ? await single(store, `${scope.namespace}:${scope.id}`)
      : await store.list(pattern, { limit: MAX_LISTED, maxScanned: MAX_SCANNED })
  if (scope.kind === 'url') return countAddress(keys, more, scope.url)
  const note = more
    ? `At least: no more than ${MAX_LISTED} matches and ${MAX_SCANNED} keys are looked at.`
    : COUNTED
  return { entries: keys.length, exact: !more, note, keys }
}

/** The pattern of an address also matches longer ones. */
function countAddress(keys: readonly string[], more: boolean, url: string): Count {
  const own = keys.filter((key) => key === `http:${url}` || key.startsWith(`http:${url} `))
  return { entries: own.length, exact: !more, note: 'Its variants, as the gateway shares them.', keys: own }
}

/** Tags are stamps, and no list of who carries one is kept: some records are read for it. */
async function countTagged(store: SharedStore, tags: readonly string[]): Promise<Count> {
  const wanted = new Set(tags)
  const { keys, more } = await store.list('*', { limit: MAX_READ, maxScanned: MAX_SCANNED })
  const carrying: string[] = []
  for (let at = 0; at < keys.length; at += READ_STEP) {
    const portion = keys.slice(at, at + READ_STEP)
    const { records } = await store.read(portion, [])
    for (const [index, record] of records.entries()) {
      const carried = record === undefined ? undefined : decodeHead(record.payload)?.tags
      if (carried?.some((tag) => wanted.has(tag)) === true) carrying.push(portion[index]!)
    }
  }
  const note = more
    ? `Of ${keys.length} entries that were looked at; there are more, so this is the least that goes.`
    : COUNTED
  return { entries: carrying.length, exact: !more, note, keys: carrying }
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
