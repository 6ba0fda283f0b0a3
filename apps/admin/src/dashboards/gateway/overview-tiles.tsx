import type { ReactNode } from 'react'
import { ratioSeries, sumSeries } from '../../charts/align.ts'
import { firstOf, shareOf, sumOf, Tiles, type Known, type Lists } from '../../charts/tiles.tsx'
import type { RangesState } from '../../charts/use-ranges.ts'
import { failures, isFailure, total } from '../performance/traffic.ts'
import { OVERVIEW_TOTALS } from './specs.ts'

const COLUMNS = { xs: 2, sm: 4, lg: 4 }

interface GatewayTilesProps {
  requests: RangesState
  /** p50, p95, p99. */
  latency: RangesState
  connections: RangesState
  queued: RangesState
  retries: RangesState
}

/** The eight numbers of the data plane. */
export function GatewayTiles({ requests, latency, ...levels }: GatewayTilesProps): ReactNode {
  const byStatus = requests.data?.results[0]
  const line = (index: number) => latency.data?.results[index]?.series[0]?.values
  const sums = (state: RangesState) =>
    state.data === undefined ? undefined : sumSeries(state.data.results[0]?.series ?? []).values
  const read =
    (index: number) =>
    (lists: Lists): Known =>
      firstOf(lists, index)
  const percentile = (index: number, name: string, share: string) =>
    ({
      label: `Latency ${name}`,
      help: `${share} of the requests were answered at least this fast, over the range.`,
      unit: 's',
      read: read(2 + index),
      values: line(index),
      better: 'lower',
    }) as const
  return (
    <Tiles
      specs={OVERVIEW_TOTALS}
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
          label: 'Errors',
          help: 'Share of the requests that ended in a 5xx.',
          unit: 'ratio',
          read: (lists) => shareOf(lists, 1, isFailure),
          values: ratioSeries(failures(byStatus), total(byStatus)).values,
          better: 'lower',
        },
        percentile(0, 'p50', '50%'),
        percentile(1, 'p95', '95%'),
        percentile(2, 'p99', '99%'),
        {
          label: 'Connections',
          help: 'Open connections of visitors, idle ones included: the mean of the range.',
          unit: '1',
          read: read(5),
          values: sums(levels.connections),
        },
        {
          label: 'Queued',
          help: 'Requests that wait for a backend: the mean of the range. More than none for long means that backends are busy or down.',
          unit: '1',
          read: (lists) => sumOf(lists, 6),
          values: sums(levels.queued),
          better: 'lower',
        },
        {
          label: 'Retries',
          help: 'Requests sent again to another backend, per second, over the range.',
          unit: '/s',
          read: (lists) => sumOf(lists, 7) ?? (lists === undefined ? undefined : 0),
          values: sums(levels.retries),
          better: 'lower',
        },
      ]}
    />
  )
}
