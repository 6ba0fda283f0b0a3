import { Box } from '@mui/material'
import type { ReactNode } from 'react'
import { ratioSeries, sumSeries } from '../../../charts/align.ts'
import { Tile } from '../../../charts/tile.tsx'
import type { RangesState } from '../../../charts/use-ranges.ts'
import { useTotals } from '../../../charts/use-totals.ts'
import { describeDuration } from '../../../time/duration.ts'
import { spanOf } from '../../../time/range.ts'
import { useTime } from '../../../time/time-context.tsx'
import type { CacheSpecs } from './specs.ts'

/** undefined: not known yet; null: known, and there is none. */
type Known = number | null | undefined

interface CachingTilesProps {
  specs: CacheSpecs
  reads: RangesState
  size: RangesState
  evictions: RangesState
}

/** The four numbers that say whether caching pays. */
export function CachingTiles({ specs, reads, size, evictions }: CachingTilesProps): ReactNode {
  const time = useTime()
  const { present, previous } = useTotals(specs.totals, { previous: true })
  const before = `previous ${describeDuration(spanOf(time.range))}`
  const read = (lists: typeof present, index: number): Known =>
    lists === undefined ? undefined : (lists[index]?.[0]?.value ?? null)
  const ratio = (lists: typeof present): Known => {
    if (lists === undefined) return undefined
    const hits = read(lists, 0) ?? 0
    const all = hits + (read(lists, 1) ?? 0)
    return all === 0 ? null : hits / all
  }
  const rate = (lists: typeof present): Known => {
    if (lists === undefined) return undefined
    const [hits, misses] = [read(lists, 2), read(lists, 3)]
    return hits === null && misses === null ? null : (hits ?? 0) + (misses ?? 0)
  }
  const series = (state: RangesState, index: number) => sumSeries(state.data?.results[index]?.series ?? [])
  const hits = series(reads, 0)
  const all = sumSeries([hits, series(reads, 1)])
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 1.5,
        gridTemplateColumns: { xs: 'repeat(2, minmax(0, 1fr))', lg: 'repeat(4, minmax(0, 1fr))' },
      }}
    >
      <Tile
        label="Hit ratio"
        help="Reads answered from any tier, of all reads, over the range."
        unit="ratio"
        value={ratio(present)}
        previous={ratio(previous)}
        values={reads.data === undefined ? undefined : ratioSeries(hits, all).values}
        better="higher"
        before={before}
      />
      <Tile
        label="Reads"
        help="Hits and misses of every process, per second."
        unit="/s"
        value={rate(present)}
        previous={rate(previous)}
        values={reads.data === undefined ? undefined : all.values}
        before={before}
      />
      <Tile
        label="Memory used"
        help="Estimated memory of the entries, over all processes: the mean of the range."
        unit="By"
        value={read(present, 4)}
        previous={read(previous, 4)}
        values={size.data === undefined ? undefined : series(size, 0).values}
        before={before}
      />
      <Tile
        label="Evictions"
        help="Entries dropped before their time to make room: many of them mean that the memory is too small."
        unit="/s"
        value={read(present, 5)}
        previous={read(previous, 5)}
        values={evictions.data === undefined ? undefined : series(evictions, 0).values}
        better="lower"
        before={before}
      />
    </Box>
  )
}
