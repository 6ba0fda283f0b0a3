import { Box, Paper, Typography } from '@mui/material'
import { useMemo, type ReactNode } from 'react'
import { LazyChart } from '../../charts/lazy-chart.tsx'
import { useAnnotations } from '../../charts/use-annotations.ts'
import { ChartGrid } from '../../ui/page.tsx'
import { Failed, Loading, StaleBadge } from '../../ui/states.tsx'
import { buildByLabel } from '../performance/instances.ts'
import { CanaryProgress } from './canary-progress.tsx'
import { GatewayScreen, Nothing, type Gateway } from './gateway-screen.tsx'
import { useSplits, type Split } from './queries.ts'
import { ShareBar } from './share-bar.tsx'
import { SplitActions } from './split-actions.tsx'
import { SplitDecisions } from './split-decisions.tsx'
import { buildSplitErrors } from './split-lines.ts'
import { SplitParts } from './split-parts.tsx'
import { splitSpecs } from './specs.ts'

const buildByPart = buildByLabel('part')

const KINDS: Readonly<Record<Split['kind'], string>> = {
  canary: 'Canary: at random, in steps',
  'blue-green': 'Blue-green: one part has everything',
  ab: 'A/B: a visitor stays in its part',
}

/** How traffic is shared between versions, what each does, and the way to move it. */
export function GatewaySplits(): ReactNode {
  return <GatewayScreen title="Splits">{(gateway) => <Splits gateway={gateway} />}</GatewayScreen>
}

function Splits({ gateway }: { gateway: Gateway }): ReactNode {
  const { data, error, refetch, dataUpdatedAt } = useSplits()
  if (data === undefined) {
    return error === null ? (
      <Loading height={280} label="Splits: loading" />
    ) : (
      <Failed error={error} onRetry={() => void refetch()} />
    )
  }
  if (data.splits.length === 0) {
    return (
      <Nothing title="No traffic is split">
        A route with <code>split</code> in <code>millrace.config.ts</code> shares its requests between two
        versions of an application: as a canary that advances by itself, blue-green, or A/B. See Help →
        Gateway.
      </Nothing>
    )
  }
  return (
    <>
      {error === null ? null : (
        <Box>
          <StaleBadge since={dataUpdatedAt} reason={error.message} />
        </Box>
      )}
      {data.splits.map((split) => (
        <SplitSection key={split.name} split={split} action={gateway.action} />
      ))}
    </>
  )
}

function SplitSection({ split, action }: { split: Split; action: Gateway['action'] }): ReactNode {
  const { name } = split
  const specs = useMemo(() => splitSpecs(name), [name])
  const annotations = useAnnotations()
  return (
    <Box component="section" aria-label={`Split ${name}`} sx={{ display: 'grid', gap: 1.5, minWidth: 0 }}>
      <Paper sx={{ p: 2, display: 'grid', gap: 1.5 }}>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
          <Box sx={{ flexGrow: 1, minWidth: 180 }}>
            <Typography variant="h2" component="h2">
              {name}
            </Typography>
            <Box sx={{ color: 'text.secondary', fontSize: '0.8125rem' }}>{KINDS[split.kind]}</Box>
          </Box>
          <SplitActions split={split} action={action} />
        </Box>
        <ShareBar shares={split.parts.map(({ application, share }) => ({ name: application, share }))} />
        {split.canary === undefined ? null : <CanaryProgress canary={split.canary} />}
      </Paper>
      <SplitParts split={split} />
      <ChartGrid>
        <LazyChart
          title={`Error rate by part of ${name}`}
          help="Share of a part’s requests that its backends failed or answered with 5xx."
          unit="ratio"
          specs={specs.outcomes}
          build={buildSplitErrors}
          empty="Recorded from the first request to a part on."
          annotations={annotations}
        />
        <LazyChart
          title={`p95 by part of ${name}`}
          help="95% of a part’s requests were answered at least this fast."
          unit="s"
          specs={specs.p95}
          build={buildByPart}
          empty="Recorded from the first request to a part on."
          annotations={annotations}
        />
      </ChartGrid>
      <SplitDecisions split={split} />
    </Box>
  )
}
