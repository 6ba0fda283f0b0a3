import { Box } from '@mui/material'
import type { ReactNode } from 'react'
import type { RangeSpec, Total } from '../api/client.ts'
import { describeDuration } from '../time/duration.ts'
import { spanOf } from '../time/range.ts'
import { useTime } from '../time/time-context.tsx'
import { Tile, type TileProps } from './tile.tsx'
import { useTotals } from './use-totals.ts'

/** undefined: not known yet; null: known, and there is none. */
export type Known = number | null | undefined

/** One list per spec, each series as one number over a range; undefined while they are not known yet. */
export type Lists = readonly (readonly Total[])[] | undefined

const add = (totals: readonly Total[]): number => totals.reduce((all, { value }) => all + value, 0)

/** The only series of a spec. */
export const firstOf = (lists: Lists, index: number): Known =>
  lists === undefined ? undefined : (lists[index]?.[0]?.value ?? null)

/** All series of a spec; null when there is none. */
export function sumOf(lists: Lists, index: number): Known {
  const list = lists?.[index]
  if (lists === undefined) return undefined
  return list === undefined || list.length === 0 ? null : add(list)
}

/** The share of a spec's counts that `matches`; null when nothing was counted. */
export function shareOf(lists: Lists, index: number, matches: (labels: Total['labels']) => boolean): Known {
  if (lists === undefined) return undefined
  const counts = lists[index] ?? []
  const all = add(counts)
  return all === 0 ? null : add(counts.filter(({ labels }) => matches(labels))) / all
}

export interface TileSpec extends Pick<TileProps, 'label' | 'help' | 'unit' | 'values' | 'better'> {
  /** Read from the totals of the range, and from those of the range before. */
  read: (lists: Lists) => Known
}

interface TilesProps {
  specs: readonly RangeSpec[]
  tiles: readonly TileSpec[]
  /** How many stand in a row, by the width of the window. */
  columns: { xs: number; sm?: number; lg: number }
}

const equal = (count: number): string => `repeat(${count}, minmax(0, 1fr))`

/** Numbers over the range side by side, each with its course and the period before. */
export function Tiles({ specs, tiles, columns: { xs, sm = xs, lg } }: TilesProps): ReactNode {
  const time = useTime()
  const { present, previous } = useTotals(specs, { previous: true })
  const before = `previous ${describeDuration(spanOf(time.range))}`
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 1.5,
        gridTemplateColumns: { xs: equal(xs), sm: equal(sm), lg: equal(lg) },
      }}
    >
      {tiles.map(({ read, ...tile }) => (
        <Tile key={tile.label} {...tile} value={read(present)} previous={read(previous)} before={before} />
      ))}
    </Box>
  )
}
