import { Box } from '@mui/material'
import type { ReactNode } from 'react'
import { ratioSeries } from '../../charts/align.ts'
import { Tile } from '../../charts/tile.tsx'
import type { Total } from '../../api/client.ts'
import type { RangesState } from '../../charts/use-ranges.ts'
import { useTotals } from '../../charts/use-totals.ts'
import { describeDuration } from '../../time/duration.ts'
import { spanOf } from '../../time/range.ts'
import { useTime } from '../../time/time-context.tsx'
import {
  failures,
  LATENCY,
  COUNTS_BY_STATUS,
  REQUEST_RATE,
  SYSTEM_CPU,
  SYSTEM_MEMORY,
  SYSTEM_MEMORY_TOTAL,
  total,
} from './traffic.ts'

const SPECS = [
  REQUEST_RATE,
  LATENCY[1]!,
  LATENCY[2]!,
  SYSTEM_CPU,
  SYSTEM_MEMORY,
  SYSTEM_MEMORY_TOTAL,
  COUNTS_BY_STATUS,
]

type Known = readonly Total[] | undefined

const sum = (totals: readonly Total[]): number => totals.reduce((all, { value }) => all + value, 0)

/** undefined: not known yet; null: known, and there is none. */
const first = (totals: Known): number | null | undefined =>
  totals === undefined ? undefined : (totals[0]?.value ?? null)

function errorRatio(counts: Known): number | null | undefined {
  if (counts === undefined) return undefined
  const all = sum(counts)
  return all === 0 ? null : sum(counts.filter(({ labels }) => labels['status']?.startsWith('5'))) / all
}

interface TilesProps {
  requests: RangesState
  latency: RangesState
  system: RangesState
}

/** The six numbers that say whether all is well. */
export function OverviewTiles({ requests, latency, system }: TilesProps): ReactNode {
  const time = useTime()
  const { present: now, previous: past } = useTotals(SPECS, { previous: true })
  const before = `previous ${describeDuration(spanOf(time.range))}`
  const byStatus = requests.data?.results[0]
  const memoryTotal = first(now?.[5])
  const share = (value: number | null | undefined): number | null | undefined =>
    value === undefined || value === null || !memoryTotal ? value : value / memoryTotal
  const line = (state: RangesState, index: number) => state.data?.results[index]?.series[0]?.values
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 1.5,
        gridTemplateColumns: {
          xs: 'repeat(2, minmax(0, 1fr))',
          sm: 'repeat(3, minmax(0, 1fr))',
          lg: 'repeat(6, minmax(0, 1fr))',
        },
      }}
    >
      <Tile
        label="Requests"
        help="Requests of visitors that the gateway answered, per second, over the range."
        unit="req/s"
        value={first(now?.[0])}
        previous={first(past?.[0])}
        values={total(byStatus).values}
        before={before}
      />
      <Tile
        label="Latency p95"
        help="95% of the requests were answered at least this fast, over the range, measured in the gateway."
        unit="s"
        value={first(now?.[1])}
        previous={first(past?.[1])}
        values={line(latency, 1)}
        better="lower"
        before={before}
      />
      <Tile
        label="Latency p99"
        help="99% of the requests were answered at least this fast, over the range, measured in the gateway."
        unit="s"
        value={first(now?.[2])}
        previous={first(past?.[2])}
        values={line(latency, 2)}
        better="lower"
        before={before}
      />
      <Tile
        label="Errors"
        help="Share of the requests that ended in a 5xx."
        unit="ratio"
        value={errorRatio(now?.[6])}
        previous={errorRatio(past?.[6])}
        values={ratioSeries(failures(byStatus), total(byStatus)).values}
        better="lower"
        before={before}
      />
      <Tile
        label="CPU"
        help="Of the whole machine, all cores."
        unit="ratio"
        value={first(now?.[3])}
        previous={first(past?.[3])}
        values={line(system, 0)}
        before={before}
      />
      <Tile
        label="Memory"
        help="Used on the whole machine, of what it has."
        unit={memoryTotal ? 'ratio' : 'By'}
        value={share(first(now?.[4]))}
        previous={share(first(past?.[4]))}
        values={line(system, 1)?.map((value) => share(value) ?? null)}
        before={before}
      />
    </Box>
  )
}
