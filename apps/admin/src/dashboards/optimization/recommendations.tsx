import { Box, Chip, Paper, Typography } from '@mui/material'
import { useQuery } from '@tanstack/react-query'
import { unwrap, type ApiError } from '@millrace/api-client'
import type { Recommendation } from '@millrace/core'
import type { ReactNode } from 'react'
import { client, readSignal } from '../../api/client.ts'
import { formatUnit } from '../../format/units.ts'
import { Empty, Failed, Loading } from '../../ui/states.tsx'

const SEVERITY_COLOR = { critical: 'error', warning: 'warning', info: 'info' } as const
const POLL_MS = 60_000

/** The one inbox: what every capability found, why, what to change, and how that would be checked. */
export function Recommendations(): ReactNode {
  const { data, error, refetch } = useQuery<Recommendation[], ApiError>({
    queryKey: ['recommendations'],
    queryFn: async ({ signal }) => {
      const answer = await unwrap(client.GET('/api/recommendations', { signal: readSignal(signal) }))
      return answer.recommendations as unknown as Recommendation[]
    },
    refetchInterval: POLL_MS,
  })
  if (data === undefined) {
    return error === null ? (
      <Loading height={240} label="Recommendations: loading" />
    ) : (
      <Failed error={error} onRetry={() => void refetch()} />
    )
  }
  if (data.length === 0) {
    return (
      <Paper>
        <Empty title="No recommendations" height={220}>
          Capabilities that find something to improve say so here: with evidence, the exact change, and how
          its effect would be measured. Nothing was found, or nothing installed looks for it yet.
        </Empty>
      </Paper>
    )
  }
  return (
    <Box sx={{ display: 'grid', gap: 1.5 }}>
      {data.map((recommendation) => (
        <RecommendationCard key={recommendation.id} recommendation={recommendation} />
      ))}
    </Box>
  )
}

function RecommendationCard({ recommendation }: { recommendation: Recommendation }): ReactNode {
  const { severity, title, why, evidence, impact, difficulty, verify } = recommendation
  return (
    <Paper component="article" sx={{ p: 2, display: 'grid', gap: 1 }}>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', flexWrap: 'wrap' }}>
        <Typography variant="h2">{title}</Typography>
        <Chip label={severity} color={SEVERITY_COLOR[severity]} variant="outlined" />
        <Chip label={difficulty} variant="outlined" />
      </Box>
      <Typography variant="body2">{why}</Typography>
      <Box component="ul" sx={{ m: 0, pl: 2.5, fontSize: '0.8125rem', color: 'text.secondary' }}>
        {evidence.map((item) => (
          <li key={`${item.metric} ${item.source}`}>
            {item.metric}: {formatUnit(item.value, item.unit ?? '')}
            {item.target === undefined ? '' : `, target ${formatUnit(item.target, item.unit ?? '')}`} (
            {item.source})
          </li>
        ))}
      </Box>
      <Typography variant="body2" sx={{ color: 'text.secondary' }}>
        Expected: {impact.metric} {impact.estimate}, confidence {formatUnit(impact.confidence, 'ratio')}. Kept
        if {verify.keepIf}.
      </Typography>
    </Paper>
  )
}
