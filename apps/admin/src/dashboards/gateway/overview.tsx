import { Link as MuiLink } from '@mui/material'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { useHref } from '../../app/links.ts'
import { ChartPanel } from '../../charts/chart-panel.tsx'
import { buildHeat, HeatScale } from '../../charts/heat-scale.tsx'
import { LazyChart } from '../../charts/lazy-chart.tsx'
import { useAnnotations } from '../../charts/use-annotations.ts'
import { useRanges } from '../../charts/use-ranges.ts'
import { ChartGrid, Section } from '../../ui/page.tsx'
import { buildByLabel } from '../performance/instances.ts'
import {
  buildErrors,
  buildLatency,
  buildRequests,
  IN_FLIGHT,
  LATENCY,
  REQUESTS_BY_STATUS,
} from '../performance/traffic.ts'
import { Edge } from './edge.tsx'
import { GatewayScreen, Nothing } from './gateway-screen.tsx'
import { GatewayTiles } from './overview-tiles.tsx'
import { usePools } from './queries.ts'
import { BY_POOL, BYTES, CONNECTIONS, HEAT, P95_BY_POOL, QUEUED, RETRIES, UPSTREAM_ERRORS } from './specs.ts'

const REQUESTS = [REQUESTS_BY_STATUS]
const IN_FLIGHT_SPECS = [IN_FLIGHT]
const buildByPool = buildByLabel('pool')
const buildByReason = buildByLabel('reason')
const NO_TRAFFIC =
  'The gateway records every request it answers: open the application through its public address.'

/** What visitors ask of the gateway, how it answers, and what waits. */
export function GatewayOverview(): ReactNode {
  return <GatewayScreen title="Gateway">{() => <Traffic />}</GatewayScreen>
}

function Traffic(): ReactNode {
  const requests = useRanges(REQUESTS)
  const latency = useRanges(LATENCY)
  const heat = useRanges(HEAT)
  const connections = useRanges(CONNECTIONS)
  const queued = useRanges(QUEUED)
  const retries = useRanges(RETRIES)
  const annotations = useAnnotations()
  const { data } = usePools()
  const href = useHref()
  if (data !== undefined && data.pools.every(({ name }) => name === 'control-plane')) {
    return (
      <Nothing title="No application yet">
        An application in <code>millrace.config.ts</code>, or <code>millrace up -- node server.js</code>,
        becomes a pool that visitors reach. See{' '}
        <MuiLink component={Link} to={href('/help')}>
          Help
        </MuiLink>
        .
      </Nothing>
    )
  }
  return (
    <>
      <GatewayTiles
        requests={requests}
        latency={latency}
        connections={connections}
        queued={queued}
        retries={retries}
      />
      <Section title="Latency" help="Until the gateway had answered completely." actions={<HeatScale />}>
        <ChartPanel
          title="Latency heatmap"
          help="The percentiles are exact; how requests spread between two of them is interpolated."
          unit="s"
          state={heat}
          build={buildLatency}
          heat={buildHeat}
          height={240}
          empty={NO_TRAFFIC}
          annotations={annotations}
        />
      </Section>
      <ChartGrid>
        <ChartPanel
          title="Requests"
          help="Per second, by status class."
          unit="req/s"
          state={requests}
          build={buildRequests}
          empty={NO_TRAFFIC}
          annotations={annotations}
        />
        <ChartPanel
          title="Error rate"
          help="Share of requests that ended in 5xx."
          unit="ratio"
          state={requests}
          build={buildErrors}
          empty={NO_TRAFFIC}
          annotations={annotations}
        />
        <LazyChart
          title="Requests by pool"
          help="Per second."
          unit="req/s"
          specs={BY_POOL}
          build={buildByPool}
          empty={NO_TRAFFIC}
          annotations={annotations}
        />
        <LazyChart
          title="p95 by pool"
          help="95% of a pool’s requests were answered at least this fast."
          unit="s"
          specs={P95_BY_POOL}
          build={buildByPool}
          empty={NO_TRAFFIC}
          annotations={annotations}
        />
        <LazyChart
          title="In flight"
          help="Requests being answered, WebSockets included, by pool."
          unit="1"
          specs={IN_FLIGHT_SPECS}
          build={buildByPool}
          empty={NO_TRAFFIC}
          annotations={annotations}
        />
        <ChartPanel
          title="Queue"
          help="Requests that wait for a backend, by pool: all are busy, or none is up."
          unit="1"
          state={queued}
          build={buildByPool}
          empty={NO_TRAFFIC}
          annotations={annotations}
        />
        <ChartPanel
          title="Retries"
          help="Requests sent again to another backend, per second, by pool."
          unit="/s"
          state={retries}
          build={buildByPool}
          empty="No request had to be sent again."
          annotations={annotations}
        />
        <LazyChart
          title="Failures of backends"
          help="Requests that a backend failed, per second, by reason; visitors saw only those that no retry could save."
          unit="/s"
          specs={UPSTREAM_ERRORS}
          build={buildByReason}
          empty="No backend failed a request."
          annotations={annotations}
        />
        <ChartPanel
          title="Open connections"
          help="Of visitors, over all workers, idle ones included."
          unit="1"
          state={connections}
          build={buildByPool}
          empty={NO_TRAFFIC}
          annotations={annotations}
        />
        <LazyChart
          title="Sent to visitors"
          help="Bytes of response bodies, by pool."
          unit="By/s"
          specs={BYTES}
          build={buildByPool}
          empty={NO_TRAFFIC}
          annotations={annotations}
        />
      </ChartGrid>
      <Edge />
    </>
  )
}
