import { Box } from '@mui/material'
import type { ReactNode } from 'react'
import type { Annotation } from '../../../charts/annotations.ts'
import { LazyChart } from '../../../charts/lazy-chart.tsx'
import { useTotals } from '../../../charts/use-totals.ts'
import { formatUnit } from '../../../format/units.ts'
import { ChartGrid, Section } from '../../../ui/page.tsx'
import { buildHttp, buildSaved } from './lines.ts'
import { HTTP_TOTALS, type CacheSpecs } from './specs.ts'

const EMPTY =
  'Send Cache-Control: public, max-age=60 with what is the same for everybody, and the gateway answers it from then on.'

/** What the gateway answered without asking the application. */
export function HttpCacheSection({
  specs,
  annotations,
}: {
  specs: CacheSpecs
  annotations: readonly Annotation[]
}): ReactNode {
  return (
    <Section
      title="HTTP cache of the gateway"
      help="Whole responses (RFC 9111), before a request reaches the application."
    >
      <HttpSummary />
      <ChartGrid>
        <LazyChart
          title="Answers"
          help="Hit: from the cache. Stale: from the cache, renewed meanwhile or because the application failed. Revalidated: confirmed by a 304. Bypass: not for a cache."
          unit="req/s"
          specs={specs.http}
          build={buildHttp}
          empty={EMPTY}
          annotations={annotations}
        />
        <LazyChart
          title="Bytes saved"
          help="Bodies that visitors got without the application."
          unit="By/s"
          specs={specs.httpSaved}
          build={buildSaved}
          empty={EMPTY}
          annotations={annotations}
        />
      </ChartGrid>
    </Section>
  )
}

/** One sentence over the range; nothing while nothing was answered. */
function HttpSummary(): ReactNode {
  const { present } = useTotals(HTTP_TOTALS)
  if (present === undefined) return null
  const [responses = [], saved = []] = present
  const of = (...statuses: string[]): number =>
    responses
      .filter(({ labels }) => statuses.includes(labels['status'] ?? ''))
      .reduce((sum, { value }) => sum + value, 0)
  const all = responses.reduce((sum, { value }) => sum + value, 0)
  if (all === 0) return null
  const cached = of('hit', 'stale', 'revalidated')
  return (
    <Box sx={{ mb: 1, fontSize: '0.875rem' }}>
      <b>{formatUnit(cached / all, 'ratio')}</b> of {formatUnit(all, '1')} requests were answered from the
      cache, which spared the application <b>{formatUnit(saved[0]?.value ?? 0, 'By')}</b>.
    </Box>
  )
}
