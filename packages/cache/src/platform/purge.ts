import type { Logger, Ports, PurgeEvent } from '@millrace/core'
import type { CacheManager } from '../cache.ts'
import { HTTP_KEYSPACE } from '../config-http.ts'
import type { SharedKeyspaces } from './keyspaces.ts'
import { readReportedMemory, reportMemory, type ReportedMemory } from './purge-memory.ts'
import { eventOf, gatewayEntries, purgeEdge, reportHttp } from './purge-outside.ts'
import type { PurgeReport, TierReport } from './purge-report.ts'
import { describeScope, scopeOf, type PurgeInput, type PurgeScope } from './purge-scope.ts'
import { previewShared, purgeShared } from './purge-shared.ts'
import { countOwn, invalidateOwn } from './own-cache.ts'

/** The name under which the control plane's own processes report, and its keyspace. */
export const OWN_KEYSPACE = 'control-plane'
/** The service whose memory is the HTTP cache. */
const GATEWAY = 'gateway'

export interface PurgeParts {
  cache: CacheManager
  /** undefined: no Redis. */
  shared: SharedKeyspaces | undefined
  ports: Ports
  /** Tells the caches outside of this package. */
  announce: (event: PurgeEvent) => void
  logger: Logger
}

interface Run {
  parts: PurgeParts
  input: PurgeInput
  scope: PurgeScope
  signal: AbortSignal
}

/**
 * One purge over every tier of every cache: each part is tried, whatever becomes of the others, and reports for itself.
 * With `preview` nothing changes.
 */
export async function purge(parts: PurgeParts, input: PurgeInput, signal: AbortSignal): Promise<PurgeReport> {
  const scope = scopeOf(input)
  const run: Run = { parts, input, scope, signal }
  const memory = await reported(parts)
  const sampleKeys = new Set<string>()
  // From the origin outwards: whoever asks anew must not be answered from a tier that is still to be purged.
  const tiers: TierReport[] = [
    ...(await purgeSharedTier(run, sampleKeys)),
    ...(await purgeOwn(run)),
    ...memory
      .filter(({ service }) => service !== GATEWAY && service !== OWN_KEYSPACE && addresses(input, service))
      .flatMap((service) => (hasKeys(scope) ? (reportMemory(service, scope, input.preview) ?? []) : [])),
    ...(await purgeHttpTier(run)),
    ...(await purgeEdgeTier(run)),
  ]
  return {
    preview: input.preview,
    scope: `${describeScope(scope)}${input.keyspace === undefined ? '' : ` in ${input.keyspace}`}`,
    tiers,
    sampleKeys: [...sampleKeys].slice(0, 20),
  }
}

const addresses = ({ keyspace }: PurgeInput, name: string): boolean =>
  keyspace === undefined || keyspace === name

/** Addresses of pages concern the HTTP cache and the edge only. */
const hasKeys = ({ kind }: PurgeScope): boolean => kind !== 'url' && kind !== 'prefix'

async function reported({ ports, logger }: PurgeParts): Promise<ReportedMemory[]> {
  const reader = ports.find('metricReader')
  if (reader === undefined) return []
  return readReportedMemory(reader).catch((error: unknown) => {
    logger.warn({ err: error }, 'what the caches hold could not be read; the purge goes on without it')
    return []
  })
}

async function purgeSharedTier(
  { parts: { shared }, input, scope, signal }: Run,
  sampleKeys: Set<string>,
): Promise<TierReport[]> {
  // What an address concerns is known to the gateway's workers, which purge it; only looking is possible from here.
  if (shared === undefined || (!hasKeys(scope) && !input.preview)) return []
  const base = { tier: 'shared', entries: null, exact: false } as const
  const failed = (keyspace: string, error: unknown): TierReport => ({
    ...base,
    keyspace,
    outcome: 'failed',
    note: error instanceof Error ? error.message : String(error),
  })
  let names: string[]
  try {
    if (!hasKeys(scope)) names = [HTTP_KEYSPACE]
    else names = input.keyspace === undefined ? (await shared.list()).names : [input.keyspace]
  } catch (error) {
    return [failed('', error)]
  }
  const reports: TierReport[] = []
  for (const keyspace of names) {
    // A stamp would remove what is only to be marked as stale: its own processes do that, told by the event.
    if (input.soft && keyspace === HTTP_KEYSPACE) continue
    try {
      if (!input.preview) {
        reports.push(await purgeShared(shared, keyspace, scope, signal))
        continue
      }
      const { report, sampleKeys: found } = await previewShared(shared, keyspace, scope)
      for (const key of found) sampleKeys.add(key)
      if (report.entries !== 0 || !report.exact) reports.push(report)
    } catch (error) {
      reports.push(failed(keyspace, error))
    }
  }
  return reports
}

/** The control plane's own cache: the only memory that can be looked into. */
async function purgeOwn({ parts: { cache }, input, scope }: Run): Promise<TierReport[]> {
  if (!hasKeys(scope) || !addresses(input, OWN_KEYSPACE)) return []
  const entries = countOwn(cache, scope)
  if (!input.preview) await invalidateOwn(cache, scope)
  if (entries === 0) return []
  return [
    {
      tier: 'memory',
      keyspace: OWN_KEYSPACE,
      outcome: input.preview ? 'would-purge' : 'purged',
      entries,
      exact: entries !== null,
      note: entries === null ? 'Its entries are not looked at one by one.' : 'Of this control plane.',
    },
  ]
}

async function purgeHttpTier({ parts, input, scope }: Run): Promise<TierReport[]> {
  const event = eventOf(scope, input.soft)
  if (event === undefined || !addresses(input, GATEWAY)) return []
  if (!input.preview) parts.announce(event)
  const report = reportHttp(event, await gatewayEntries(parts.ports), input.preview)
  return report === undefined ? [] : [report]
}

async function purgeEdgeTier({ parts: { ports }, input, scope, signal }: Run): Promise<TierReport[]> {
  const purger = ports.find('purger')
  if (purger === undefined || !addresses(input, purger.name)) return []
  try {
    const report = await purgeEdge(purger, scope, input.preview, signal)
    return report === undefined ? [] : [report]
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error)
    const base = { tier: 'edge', keyspace: purger.name, entries: null, exact: false } as const
    return [{ ...base, outcome: 'failed', note }]
  }
}
