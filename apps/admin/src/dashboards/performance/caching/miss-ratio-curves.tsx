import { Alert, Box, Paper, TableBody, TableCell, TableHead, TableRow } from '@mui/material'
import { useState, type ReactNode } from 'react'
import { ChartFrame } from '../../../charts/chart-frame.tsx'
import { CurveChart } from '../../../charts/curve-chart.tsx'
import { csvFileName, downloadCsv, toCsv } from '../../../format/csv.ts'
import { formatUnit } from '../../../format/units.ts'
import { ChartGrid, Section } from '../../../ui/page.tsx'
import { Empty, Failed, Loading } from '../../../ui/states.tsx'
import { TableFrame } from '../../../ui/table-frame.tsx'
import { useCurves, type CacheCurve } from './queries.ts'

const MARKERS = [
  { x: 0.5, label: 'half' },
  { x: 1, label: 'now' },
  { x: 2, label: 'twice' },
]

const HEIGHT = 200

/** What more memory would bring, and what less would cost, by service. */
export function MissRatioCurves({ service }: { service: string }): ReactNode {
  const { data, error, refetch } = useCurves()
  const caches = data?.caches.filter((cache) => service === '' || cache.service === service)
  return (
    <Section
      title="Memory"
      help="The miss-ratio curve: the hit ratio that the same reads would have at other sizes, from sampled keys (SHARDS)."
    >
      {caches === undefined ? (
        error === null ? (
          <Loading height={HEIGHT} label="Miss-ratio curve: loading" />
        ) : (
          <Failed error={error} onRetry={() => void refetch()} />
        )
      ) : caches.length === 0 ? (
        <Paper>
          <Empty title="No curve yet" height={120}>
            Each cache measures its own from a sample of its keys and reports it once it is read.
          </Empty>
        </Paper>
      ) : (
        <ChartGrid>
          {caches.map((cache) => (
            <Curve key={cache.service} cache={cache} />
          ))}
        </ChartGrid>
      )}
    </Section>
  )
}

const sizeOf = ({ maxBytes }: CacheCurve, scale: number): string =>
  maxBytes === null ? `×${scale}` : formatUnit(maxBytes * scale, 'By')

function describe(cache: CacheCurve): string {
  const at = (label: string, value: number | null): string => `${label} ${formatUnit(value, 'ratio')}`
  return `${cache.service}: hit ratio with ${at('half of the memory', cache.half)}, ${at('now', cache.now)}, ${at('with twice the memory', cache.twice)}. ${cache.advice}`
}

const SEVERITY = { grow: 'warning', shrink: 'info', keep: 'success', wait: 'info' } as const

function Curve({ cache }: { cache: CacheCurve }): ReactNode {
  const [asTable, setAsTable] = useState(false)
  const title = `Hit ratio by memory, ${cache.service}`
  const download = (): void =>
    downloadCsv(
      csvFileName(title, Date.now()),
      toCsv(
        ['scale', 'bytes per process', 'hit ratio'],
        cache.points.map(({ scale, hitRatio }) => [
          scale,
          cache.maxBytes === null ? null : cache.maxBytes * scale,
          hitRatio,
        ]),
      ),
    )
  const drawable = cache.points.length > 1
  return (
    <ChartFrame
      title={title}
      help={`Memory of each process; from ${formatUnit(cache.samples, '1')} sampled reads.`}
      behind={drawable ? { asTable, onToggle: () => setAsTable(!asTable), onDownload: download } : undefined}
    >
      {!drawable ? (
        <Empty title="Not enough reads yet" height={HEIGHT}>
          {cache.advice}
        </Empty>
      ) : asTable ? (
        <CurveTable title={title} cache={cache} />
      ) : (
        <CurveChart
          summary={describe(cache)}
          points={cache.points.map(({ scale, hitRatio }) => ({ x: scale, y: hitRatio }))}
          markers={MARKERS}
          formatX={(scale) => sizeOf(cache, scale)}
          height={HEIGHT}
        />
      )}
      {drawable ? (
        <Box sx={{ mt: 0.5 }}>
          <Alert severity={SEVERITY[cache.verdict]} variant="outlined" sx={{ py: 0 }}>
            {cache.advice}
          </Alert>
        </Box>
      ) : null}
    </ChartFrame>
  )
}

function CurveTable({ title, cache }: { title: string; cache: CacheCurve }): ReactNode {
  return (
    <TableFrame label={`${title}, values`} maxHeight={HEIGHT + 60}>
      <TableHead>
        <TableRow>
          <TableCell>Memory per process</TableCell>
          <TableCell align="right">Of the present</TableCell>
          <TableCell align="right">Hit ratio</TableCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {cache.points.map(({ scale, hitRatio }) => (
          <TableRow key={scale}>
            <TableCell>{sizeOf(cache, scale)}</TableCell>
            <TableCell align="right">×{scale}</TableCell>
            <TableCell align="right">{formatUnit(hitRatio, 'ratio')}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </TableFrame>
  )
}
