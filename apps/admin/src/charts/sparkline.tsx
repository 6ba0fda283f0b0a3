import { Box } from '@mui/material'
import { useTheme } from '@mui/material/styles'
import type { ReactNode } from 'react'
import type { Values } from './align.ts'

const WIDTH = 120
const HEIGHT = 32

/** One path per run of values: a gap stays a gap. */
export function sparkPaths(values: Values, width: number, height: number): string[] {
  const max = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE)
  const paths: string[] = []
  let open = ''
  values.forEach((value, index) => {
    if (value === null) {
      if (open !== '') paths.push(open)
      open = ''
      return
    }
    const x = values.length === 1 ? width : (index / (values.length - 1)) * width
    const y = height - 2 - (Math.max(0, value) / max) * (height - 4)
    open += `${open === '' ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`
  })
  if (open !== '') paths.push(open)
  return paths
}

/** A line without axes. Decoration: the tile around it says the number. */
export function Sparkline({ values }: { values: Values }): ReactNode {
  const theme = useTheme()
  return (
    <Box
      component="svg"
      aria-hidden
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      sx={{ display: 'block', width: '100%', height: HEIGHT, color: theme.vars?.palette.primary.main }}
    >
      {sparkPaths(values, WIDTH, HEIGHT).map((path) => (
        <path
          key={path}
          d={path}
          fill="none"
          stroke="currentColor"
          strokeWidth={1.5}
          vectorEffect="non-scaling-stroke"
        />
      ))}
    </Box>
  )
}
