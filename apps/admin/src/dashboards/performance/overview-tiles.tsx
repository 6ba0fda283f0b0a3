import type { ReactNode } from 'react'
import { ratioSeries } from '../../charts/align.ts'
import { firstOf, shareOf, Tiles, type Known, type Lists } from '../../charts/tiles.tsx'
import type { RangesState } from '../../charts/use-ranges.ts'
import { useTotals } from '../../charts/use-totals.ts'
import {
  failures,
  LATENCY,
  COUNTS_BY_STATUS,
  isFailure,
  REQUEST_RATE,
  SYSTEM_CPU,
  SYSTEM_MEMORY,
  SYSTEM_MEMORY_TOTAL,
  total,
} from './traffic.ts'

const SPECS = [REQUEST_RATE, LATENCY[1]!, LATENCY[2]!, SYSTEM_CPU, SYSTEM_MEMORY, COUNTS_BY_STATUS]
const MEMORY_TOTAL = [SYSTEM_MEMORY_TOTAL]
const COLUMNS = { xs: 2, sm: 3, lg: 6 }

interface TilesProps {
  requests: RangesState
  latency: RangesState
  system: RangesState
}

/** The six numbers that say whether all is well. */
export function OverviewTiles({ requests, latency, system }: TilesProps): ReactNode {
  const memoryTotal = firstOf(useTotals(MEMORY_TOTAL).present, 0)
  const byStatus = requests.data?.results[0]
  const share = (value: Known): Known =>
    value === undefined || value === null || !memoryTotal ? value : value / memoryTotal
  const line = (state: RangesState, index: number) => state.data?.results[index]?.series[0]?.values
  const read =
    (index: number) =>
    (lists: Lists): Known =>
      firstOf(lists, index)
  return (
    <Tiles
      specs={SPECS}
      columns={COLUMNS}
      tiles={[
        {
          label: 'Requests',
          help: 'Requests of visitors that the gateway answered, per second, over the range.',
          unit: 'req/s',
          read: read(0),
          values: total(byStatus).values,
        },
        {
          label: 'Latency p95',
          help: '95% of the requests were answered at least this fast, over the range, measured in the gateway.',
          unit: 's',
          read: read(1),
          values: line(latency, 1),
          better: 'lower',
        },
        {
          label: 'Latency p99',
          help: '99% of the requests were answered at least this fast, over the range, measured in the gateway.',
          unit: 's',
          read: read(2),
          values: line(latency, 2),
          better: 'lower',
        },
        {
          label: 'Errors',
          help: 'Share of the requests that ended in a 5xx.',
          unit: 'ratio',
          read: (lists) => shareOf(lists, 5, isFailure),
          values: ratioSeries(failures(byStatus), total(byStatus)).values,
          better: 'lower',
        },
        {
          label: 'CPU',
          help: 'Of the whole machine, all cores.',
          unit: 'ratio',
          read: read(3),
          values: line(system, 0),
        },
        {
          label: 'Memory',
          help: 'Used on the whole machine, of what it has.',
          unit: memoryTotal ? 'ratio' : 'By',
          read: (lists) => share(firstOf(lists, 4)),
          values: line(system, 1)?.map((value) => share(value) ?? null),
        },
      ]}
    />
  )
}
