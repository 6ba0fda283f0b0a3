import Close from '@mui/icons-material/Close'
import { Box, IconButton } from '@mui/material'
import { useMemo, type ReactNode } from 'react'
import { useColorMode } from '../../app/color-mode.tsx'
import { ChartPanel } from '../../charts/chart-panel.tsx'
import { heatOf, type Heat } from '../../charts/heatmap-cells.ts'
import { heatColor } from '../../charts/palette.ts'
import { useAnnotations } from '../../charts/use-annotations.ts'
import { useRanges, type RangeData } from '../../charts/use-ranges.ts'
import { buildByLabel } from './instances.ts'
import { ChartGrid, Section } from '../../ui/page.tsx'
import { routeSpecs, type LatencyRow } from './routes-model.ts'
import { buildLatency } from './traffic.ts'

const EMPTY = 'This route was not called in the range.'
const buildStatuses = buildByLabel('status')

const buildHeat = ({ results }: RangeData): Heat =>
  heatOf(
    results.map((result) => result.series[0] ?? { labels: {}, times: [], values: [] }),
    results[0]?.stepMs ?? 1,
  )

const SCALE = [0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1]

function HeatScale(): ReactNode {
  const mode = useColorMode()
  return (
    <Box
      sx={{ display: 'flex', alignItems: 'center', gap: 0.75, fontSize: '0.75rem', color: 'text.secondary' }}
    >
      few
      <Box aria-hidden sx={{ display: 'flex' }}>
        {SCALE.map((share) => (
          <Box key={share} sx={{ width: 14, height: 10, bgcolor: heatColor(share, mode) }} />
        ))}
      </Box>
      many requests
    </Box>
  )
}

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
