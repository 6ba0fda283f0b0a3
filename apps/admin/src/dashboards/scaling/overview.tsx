import { Box, Paper, Typography } from '@mui/material'
import { useQuery } from '@tanstack/react-query'
import { unwrap, type ApiError, type Capability, type ScalePool } from '@millrace/api-client'
import type { ReactNode } from 'react'
import { client, readSignal } from '../../api/client.ts'
import { useCapabilities } from '../../api/queries.ts'
import { LazyChart } from '../../charts/lazy-chart.tsx'
import { useAnnotations } from '../../charts/use-annotations.ts'
import { ActionButton } from '../../forms/action-button.tsx'
import { CapabilityMissing } from '../../platform/capability-view.tsx'
import { formatAge } from '../../time/duration.ts'
import { ChartGrid, Section } from '../../ui/page.tsx'
import { StateChip } from '../../ui/state-chip.tsx'
import { Empty, Failed, Loading, useSecond } from '../../ui/states.tsx'
import { buildByLabel } from '../performance/instances.ts'
import { RecentChanges } from './recent-changes.tsx'

const CAPABILITY = 'scaling'
/** The stream announces changes; this is for what it missed. */
const POLL_MS = 10_000

const READY = [
  { metric: 'millrace_scaling_instances', aggregate: 'last', by: ['pool'], where: { state: 'ready' } },
] as const
const TRAFFIC = [
  {
    metric: 'millrace_gateway_request_duration_seconds',
    aggregate: 'rate',
    by: ['pool'],
    where: { pool: '!control-plane' },
  },
] as const

const buildByPool = buildByLabel('pool')

/** What runs of each application, and the two things that are done by hand: change the number, restart. */
export function ScalingOverview(): ReactNode {
  const capabilities = useCapabilities()
  const capability = capabilities.data?.find(({ name }) => name === CAPABILITY)
  const annotations = useAnnotations()
  if (capabilities.data === undefined) {
    return capabilities.error === null ? (
      <Loading height={240} label="Scaling: loading" />
    ) : (
      <Failed error={capabilities.error} onRetry={() => void capabilities.refetch()} />
    )
  }
  if (capability === undefined) return <CapabilityMissing name={CAPABILITY} />
  return (
    <>
      <Pools capability={capability} />
      <ChartGrid>
        <LazyChart
          title="Ready instances"
          unit="1"
          specs={READY}
          build={buildByPool}
          annotations={annotations}
          empty="Recorded from the first instance on."
        />
        <LazyChart
          title="Requests per pool"
          unit="req/s"
          specs={TRAFFIC}
          build={buildByPool}
          annotations={annotations}
          empty="The gateway records every request it answers."
        />
      </ChartGrid>
      <Section title="Changes" help="Who changed the number of instances or restarted them.">
        <RecentChanges />
      </Section>
    </>
  )
}

function Pools({ capability }: { capability: Capability }): ReactNode {
  const { data, error, refetch } = useQuery<ScalePool[], ApiError>({
    queryKey: ['pools'],
    queryFn: async ({ signal }) => {
      const answer = await unwrap(client.GET('/api/scaling/pools', { signal: readSignal(signal) }))
      return answer.pools
    },
    refetchInterval: POLL_MS,
  })
  if (data === undefined) {
    return error === null ? (
      <Loading height={200} label="Pools: loading" />
    ) : (
      <Failed error={error} onRetry={() => void refetch()} />
    )
  }
  if (data.length === 0) {
    return (
      <Paper>
        <Empty title="No applications">
          An application in <code>millrace.config.ts</code> becomes a pool of instances here.
        </Empty>
      </Paper>
    )
  }
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 1.5,
        gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 340px), 1fr))',
      }}
    >
      {data.map((pool) => (
        <PoolCard key={pool.name} pool={pool} capability={capability} />
      ))}
    </Box>
  )
}

function PoolCard({ pool, capability }: { pool: ScalePool; capability: Capability }): ReactNode {
  const now = useSecond()
  const action = (name: string) => capability.actions.find((candidate) => candidate.name === name)
  const scale = action('scale')
  const restart = action('restart')
  const complete = pool.ready === pool.desired
  return (
    <Paper
      component="section"
      aria-label={`Pool ${pool.name}`}
      sx={{ p: 2, display: 'flex', flexDirection: 'column', gap: 1.5 }}
    >
      <Box sx={{ display: 'flex', alignItems: 'baseline', gap: 1 }}>
        <Typography variant="h2" component="h2" sx={{ flexGrow: 1 }}>
          {pool.name}
        </Typography>
        <Box
          component="span"
          sx={{ fontSize: '1.375rem', fontWeight: 650, color: complete ? 'text.primary' : 'warning.main' }}
        >
          {pool.ready}
        </Box>
        <Box component="span" sx={{ color: 'text.secondary', fontSize: '0.8125rem' }}>
          of {pool.desired} ready · {pool.min} to {pool.max}
        </Box>
      </Box>
      <Capacity pool={pool} />
      <Box
        component="ul"
        sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: 0.5, fontSize: '0.8125rem' }}
      >
        {pool.instances.map(({ id, state, restarts, readySince, address }) => (
          <Box component="li" key={id} sx={{ display: 'flex', gap: 1.5, alignItems: 'center' }}>
            <Box component="span" sx={{ fontWeight: 550, minWidth: 72 }}>
              {id}
            </Box>
            <StateChip state={state} />
            <Box component="span" sx={{ color: 'text.secondary', flexGrow: 1, textAlign: 'right' }}>
              {[
                readySince === undefined ? address : `up ${formatAge(now - readySince)}`,
                restarts > 0 ? `${restarts} restart${restarts === 1 ? '' : 's'}` : undefined,
              ]
                .filter((part) => part !== undefined)
                .join(' · ')}
            </Box>
          </Box>
        ))}
      </Box>
      <Box sx={{ flexGrow: 1 }} />
      <Box sx={{ display: 'flex', gap: 1 }}>
        {scale === undefined ? null : (
          <ActionButton
            capability={capability.name}
            action={scale}
            input={{ pool: pool.name, instances: pool.desired }}
            label={`Scale ${pool.name}`}
          >
            Scale…
          </ActionButton>
        )}
        {restart === undefined ? null : (
          <ActionButton
            capability={capability.name}
            action={restart}
            input={{ pool: pool.name }}
            label={`Restart ${pool.name}`}
          >
            Rolling restart…
          </ActionButton>
        )}
      </Box>
    </Paper>
  )
}

// More segments than this are no longer countable: the numbers above say it.
const MAX_SEGMENTS = 32

/** One segment per instance up to the maximum: full when ready, outlined when wanted. */
function Capacity({ pool }: { pool: ScalePool }): ReactNode {
  if (pool.max > MAX_SEGMENTS) return null
  return (
    <Box aria-hidden sx={{ display: 'flex', gap: 0.375 }}>
      {Array.from({ length: pool.max }, (_, index) => (
        <Box
          key={index}
          sx={{
            flex: 1,
            height: 8,
            borderRadius: 0.5,
            bgcolor:
              index < pool.ready ? 'success.main' : index < pool.desired ? 'warning.main' : 'action.hover',
          }}
        />
      ))}
    </Box>
  )
}
