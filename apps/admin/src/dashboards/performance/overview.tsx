import type { ReactNode } from 'react'
import { ChartPanel } from '../../charts/chart-panel.tsx'
import { LazyChart } from '../../charts/lazy-chart.tsx'
import { useAnnotations } from '../../charts/use-annotations.ts'
import { useRanges } from '../../charts/use-ranges.ts'
import { ComponentsTable } from '../../platform/components-table.tsx'
import { ChartGrid, Section } from '../../ui/page.tsx'
import { buildByInstance, buildByLabel } from './instances.ts'
import { OverviewTiles } from './overview-tiles.tsx'
import {
  buildErrors,
  buildLatency,
  buildRequests,
  CPU,
  EVENT_LOOP,
  IN_FLIGHT,
  LATENCY,
  MEMORY,
  REQUESTS_BY_STATUS,
  SYSTEM_CPU,
  SYSTEM_MEMORY,
  UTILIZATION,
} from './traffic.ts'

const buildByPool = buildByLabel('pool')
const REQUESTS = [REQUESTS_BY_STATUS]
const SYSTEM = [SYSTEM_CPU, SYSTEM_MEMORY]
const NO_TRAFFIC =
  'The gateway records every request it answers: open the application through its public address.'
const NO_AGENT =
  'Applications that run under the platform report this through the agent. Start one with a command, or preload @millrace/node.'

/** The state of the whole: traffic, latency, errors, resources, and everything that runs. */
export function PerformanceOverview(): ReactNode {
  const requests = useRanges(REQUESTS)
  const latency = useRanges(LATENCY)
  const system = useRanges(SYSTEM)
  const annotations = useAnnotations()
  return (
    <>
      <OverviewTiles requests={requests} latency={latency} system={system} />
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
          title="Latency"
          help="Time until the gateway had answered: median, p95, p99."
          unit="s"
          state={latency}
          build={buildLatency}
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
          title="In flight"
          help="Requests that wait for their answer, by pool."
          unit="1"
          specs={[IN_FLIGHT]}
          build={buildByPool}
          empty={NO_TRAFFIC}
          annotations={annotations}
        />
      </ChartGrid>
      <Section title="Instances" help="Measured inside each process by the agent.">
        <ChartGrid>
          <LazyChart
            title="CPU"
            help="100% is one core."
            unit="ratio"
            specs={[CPU]}
            build={buildByInstance}
            empty={NO_AGENT}
            annotations={annotations}
          />
          <LazyChart
            title="Memory"
            help="Resident set."
            unit="By"
            specs={[MEMORY]}
            build={buildByInstance}
            empty={NO_AGENT}
            annotations={annotations}
          />
          <LazyChart
            title="Event-loop delay p99"
            help="How long a timer waits because JavaScript is busy."
            unit="s"
            specs={[EVENT_LOOP]}
            build={buildByInstance}
            empty={NO_AGENT}
            annotations={annotations}
          />
          <LazyChart
            title="Event-loop utilization"
            help="Share of time that JavaScript runs: near 100% another instance helps."
            unit="ratio"
            specs={[UTILIZATION]}
            build={buildByInstance}
            empty={NO_AGENT}
            annotations={annotations}
          />
        </ChartGrid>
      </Section>
      <Section title="Components" help="Everything the supervisor keeps alive.">
        <ComponentsTable />
      </Section>
    </>
  )
}
