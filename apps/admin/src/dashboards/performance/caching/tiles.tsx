import type { ReactNode } from 'react'
import { ratioSeries, sumSeries } from '../../../charts/align.ts'
import { firstOf, Tiles, type Known, type Lists } from '../../../charts/tiles.tsx'
import type { RangesState } from '../../../charts/use-ranges.ts'
import type { CacheSpecs } from './specs.ts'

interface CachingTilesProps {
  specs: CacheSpecs
  reads: RangesState
  size: RangesState
  evictions: RangesState
}

const COLUMNS = { xs: 2, lg: 4 }

function hitRatio(lists: Lists): Known {
  if (lists === undefined) return undefined
  const hits = firstOf(lists, 0) ?? 0
  const all = hits + (firstOf(lists, 1) ?? 0)
  return all === 0 ? null : hits / all
}

function readRate(lists: Lists): Known {
  if (lists === undefined) return undefined
  const [hits, misses] = [firstOf(lists, 2), firstOf(lists, 3)]
  return hits === null && misses === null ? null : (hits ?? 0) + (misses ?? 0)
}

/** The four numbers that say whether caching pays. */
export function CachingTiles({ specs, reads, size, evictions }: CachingTilesProps): ReactNode {
  const series = (state: RangesState, index: number) => sumSeries(state.data?.results[index]?.series ?? [])
  const hits = series(reads, 0)
  const all = sumSeries([hits, series(reads, 1)])
  return (
    <Tiles
      specs={specs.totals}
      columns={COLUMNS}
      tiles={[
        {
          label: 'Hit ratio',
          help: 'Reads answered from any tier, of all reads, over the range.',
          unit: 'ratio',
          read: hitRatio,
          values: reads.data === undefined ? undefined : ratioSeries(hits, all).values,
          better: 'higher',
        },
        {
          label: 'Reads',
          help: 'Hits and misses of every process, per second.',
          unit: '/s',
          read: readRate,
          values: reads.data === undefined ? undefined : all.values,
        },
        {
          label: 'Memory used',
          help: 'Estimated memory of the entries, over all processes: the mean of the range.',
          unit: 'By',
          read: (lists) => firstOf(lists, 4),
          values: size.data === undefined ? undefined : series(size, 0).values,
        },
        {
          label: 'Evictions',
          help: 'Entries dropped before their time to make room: many of them mean that the memory is too small.',
          unit: '/s',
          read: (lists) => firstOf(lists, 5),
          values: evictions.data === undefined ? undefined : series(evictions, 0).values,
          better: 'lower',
        },
      ]}
    />
  )
}
