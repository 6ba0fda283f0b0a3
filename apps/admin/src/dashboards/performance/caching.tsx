import { Box, MenuItem, Paper, TextField } from '@mui/material'
import { useMemo, type ReactNode } from 'react'
import { useParam } from '../../app/use-param.ts'
import { ChartPanel } from '../../charts/chart-panel.tsx'
import { LazyChart } from '../../charts/lazy-chart.tsx'
import { useAnnotations } from '../../charts/use-annotations.ts'
import { useRanges } from '../../charts/use-ranges.ts'
import { useSession } from '../../session/session.tsx'
import { ChartGrid, Section } from '../../ui/page.tsx'
import { Empty } from '../../ui/states.tsx'
import { buildByLabel } from './instances.ts'
import { buildLatency } from './traffic.ts'
import { HotKeys } from './caching/hot-keys.tsx'
import { HttpCacheSection } from './caching/http-cache.tsx'
import {
  buildByNamespace,
  buildLevels,
  buildNamespaceRatios,
  buildReads,
  buildSpared,
  buildTierRatios,
} from './caching/lines.ts'
import { MissRatioCurves } from './caching/miss-ratio-curves.tsx'
import type { NamespaceRow } from './caching/namespaces-model.ts'
import { NamespacesTable } from './caching/namespaces-table.tsx'
import { PurgeButton } from './caching/purge-button.tsx'
import { PurgeDialog } from './caching/purge-dialog.tsx'
import type { PurgeForm } from './caching/purge-form.ts'
import { useCacheTiers } from './caching/queries.ts'
import { cacheSpecs } from './caching/specs.ts'
import { TierCards } from './caching/tier-cards.tsx'
import { CachingTiles } from './caching/tiles.tsx'
import { usePurgeAddress } from './caching/use-purge-address.ts'

const EMPTY = 'Nothing was read from a cache: processes report their caches as soon as they are used.'
const NOT_MEASURED = {
  memory: 'Measured in each process while its cache is used.',
  shared: 'Measured while processes share a Redis: set REDIS_HOST, or redis.host in millrace.config.ts.',
}
const buildByReason = buildByLabel('reason')
const FRESH: PurgeForm = { scope: 'namespace', value: '', id: '', keyspace: '', soft: false }

/** Every cache of every process: what it saves, how full it is, what more memory would bring, and the way to empty it. */
export function PerformanceCaching(): ReactNode {
  const [service, setService] = useParam('service')
  const specs = useMemo(() => cacheSpecs(service), [service])
  const tiers = useCacheTiers().data
  const services = useMemo(() => (tiers?.memory ?? []).map((row) => row.service), [tiers])
  const purge = usePurgeAddress()
  const { can } = useSession()
  const annotations = useAnnotations()
  const reads = useRanges(specs.reads)
  const size = useRanges(specs.size)
  const evictions = useRanges(specs.evictions)
  const purgeNamespace = ({ namespace, service: keyspace }: NamespaceRow): void =>
    purge.open({ ...FRESH, value: namespace, keyspace })
  // The control plane's own cache is always there; what counts is whether any holds or is asked for something.
  const unused =
    tiers !== undefined && tiers.memory.every(({ entries }) => entries === 0) && isSilent(reads.data)
  return (
    <>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', justifyContent: 'flex-end' }}>
        <ServiceChoice service={service} services={services} onChange={setService} />
        <PurgeButton onClick={() => purge.open(FRESH)} />
      </Box>
      {unused ? <Unused /> : <CachingTiles specs={specs} reads={reads} size={size} evictions={evictions} />}
      <Section title="Tiers" help="A read asks memory first, then Redis, then the loader.">
        <TierCards service={service} />
      </Section>
      {unused ? null : (
        <>
          <ChartGrid>
            <ChartPanel
              title="Hit ratio by tier"
              help="Of the reads that came as far as each tier."
              unit="ratio"
              state={reads}
              build={buildTierRatios}
              empty={EMPTY}
              annotations={annotations}
            />
            <LazyChart
              title="Hit ratio by namespace"
              help="The namespaces that are read most."
              unit="ratio"
              specs={specs.readsByNamespace}
              build={buildNamespaceRatios}
              empty={EMPTY}
              annotations={annotations}
            />
            <ChartPanel
              title="Reads by answer"
              help="Per second: which tier had it, and what nobody had."
              unit="/s"
              state={reads}
              build={buildReads}
              empty={EMPTY}
              annotations={annotations}
            />
            <LazyChart
              title="Loads spared"
              help="Per second: reads that joined a load under way, values renewed before they expired, stale values served."
              unit="/s"
              specs={specs.spared}
              build={buildSpared}
              empty="Nothing of the kind happened: no two reads wanted the same missing key at once, and nothing was served stale."
              annotations={annotations}
            />
            <LazyChart
              title="Get from memory"
              help="How long a read of the memory tier takes, from a sample of them."
              unit="s"
              specs={specs.memoryGet}
              build={buildLatency}
              empty={NOT_MEASURED.memory}
              annotations={annotations}
            />
            <LazyChart
              title="Get from Redis"
              help="How long a read of the shared tier takes, the way included."
              unit="s"
              specs={specs.sharedGet}
              build={buildLatency}
              empty={NOT_MEASURED.shared}
              annotations={annotations}
            />
            <LazyChart
              title="Set in memory"
              help="How long storing in the memory tier takes, from a sample."
              unit="s"
              specs={specs.memorySet}
              build={buildLatency}
              empty={NOT_MEASURED.memory}
              annotations={annotations}
            />
            <LazyChart
              title="Set in Redis"
              help="How long storing in the shared tier takes, the way included."
              unit="s"
              specs={specs.sharedSet}
              build={buildLatency}
              empty={NOT_MEASURED.shared}
              annotations={annotations}
            />
            <ChartPanel
              title="Memory by namespace"
              help="Estimated, over all processes; with their limit once half of it is used."
              unit="By"
              state={size}
              build={buildLevels}
              empty={EMPTY}
              annotations={annotations}
            />
            <LazyChart
              title="Entries by namespace"
              help="Over all processes; with their limit once half of it is used."
              unit="1"
              specs={specs.entries}
              build={buildLevels}
              empty={EMPTY}
              annotations={annotations}
            />
            <ChartPanel
              title="Evictions by namespace"
              help="Entries dropped before their time to make room, per second."
              unit="/s"
              state={evictions}
              build={buildByNamespace}
              empty="Nothing was evicted: everything found room."
              annotations={annotations}
            />
            <LazyChart
              title="Failed operations of Redis"
              help="Per second, by reason. None of them fails a request: it goes on from memory or the loader."
              unit="/s"
              specs={specs.sharedErrors}
              build={buildByReason}
              empty="Nothing failed."
              annotations={annotations}
            />
          </ChartGrid>
          <MissRatioCurves service={service} />
          <NamespacesTable specs={specs} {...(can('destructive') ? { onPurge: purgeNamespace } : {})} />
          <HotKeys service={service} />
        </>
      )}
      <HttpCacheSection specs={specs} annotations={annotations} />
      {purge.form === undefined ? null : (
        <PurgeDialog initial={purge.form} keyspaces={services} onChange={purge.open} onClose={purge.close} />
      )}
    </>
  )
}

const isSilent = (data: ReturnType<typeof useRanges>['data']): boolean =>
  data !== undefined && data.results.every(({ series }) => series.length === 0)

function Unused(): ReactNode {
  return (
    <Paper>
      <Empty title="No cache is in use yet" height={160}>
        In an application: <code>createCache()</code> of <code>@millrace/cache</code>, or its middleware for
        Express, Fastify and Hono. With <code>REDIS_HOST</code> set, processes share what they hold. Responses
        with <code>Cache-Control: public</code> are cached by the gateway without a change. See Help →
        Caching.
      </Empty>
    </Paper>
  )
}

interface ServiceChoiceProps {
  service: string
  services: readonly string[]
  onChange: (service: string) => void
}

function ServiceChoice({ service, services, onChange }: ServiceChoiceProps): ReactNode {
  const known = service === '' || services.includes(service) ? services : [...services, service]
  if (known.length < 2) return null
  return (
    <TextField
      select
      label="Service"
      value={service}
      onChange={(event) => onChange(event.target.value)}
      sx={{ width: 160 }}
      slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
    >
      <MenuItem value="">All</MenuItem>
      {known.map((name) => (
        <MenuItem key={name} value={name}>
          {name}
        </MenuItem>
      ))}
    </TextField>
  )
}
