import Close from '@mui/icons-material/Close'
import { Box, IconButton } from '@mui/material'
import { useMemo, type ReactNode } from 'react'
import { ChartPanel } from '../../charts/chart-panel.tsx'
import { buildHeat, HeatScale } from '../../charts/heat-scale.tsx'
import { useAnnotations } from '../../charts/use-annotations.ts'
import { useRanges } from '../../charts/use-ranges.ts'
import { buildByLabel } from './instances.ts'
import { ChartGrid, Section } from '../../ui/page.tsx'
import { routeSpecs, type LatencyRow } from './routes-model.ts'
import { buildLatency } from './traffic.ts'

const EMPTY = 'This route was not called in the range.'
const buildStatuses = buildByLabel('status')

/** One route over time: how its latency is spread, and what it answered. */
export function RouteDetail({ row, onClose }: { row: LatencyRow; onClose: () => void }): ReactNode {
  const specs = useMemo(() => routeSpecs(row), [row])
  const percentiles = useRanges(specs.percentiles)
  const statuses = useRanges(specs.statuses)
  const annotations = useAnnotations()
  return (
    <Section
      title={`${row.verb} ${row.name}`}
      help={`in ${row.service}`}
      actions={
        <Box sx={{ display: 'flex', gap: 2, alignItems: 'center' }}>
          <HeatScale />
          <IconButton aria-label="Close the route" onClick={onClose}>
            <Close fontSize="small" />
          </IconButton>
        </Box>
      }
    >
      <ChartGrid>
        <ChartPanel
          title="Latency heatmap"
          help="The percentiles are exact; how requests spread between two of them is interpolated."
          unit="s"
          state={percentiles}
          build={buildLatency}
          heat={buildHeat}
          height={220}
          empty={EMPTY}
          annotations={annotations}
        />
        <ChartPanel
          title="Status codes"
          unit="/s"
          state={statuses}
          build={buildStatuses}
          height={220}
          empty={EMPTY}
          annotations={annotations}
        />
      </ChartGrid>
    </Section>
  )
}
