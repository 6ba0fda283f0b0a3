import { Box, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material'
import type { paths } from '@millrace/api-client'
import type { ReactNode } from 'react'
import { MONO } from '../../../app/theme.ts'
import { formatUnit } from '../../../format/units.ts'
import { Empty } from '../../../ui/states.tsx'
import { TableFrame } from '../../../ui/table-frame.tsx'
import { TIER_TITLES } from './lines.ts'

export type PurgeReportData =
  paths['/api/cache/actions/purge']['post']['responses'][200]['content']['application/json']['result']

type TierReport = PurgeReportData['tiers'][number]

const OUTCOMES: Record<TierReport['outcome'], { text: string; color: string }> = {
  'would-purge': { text: 'would go', color: 'text.primary' },
  purged: { text: 'purged', color: 'success.main' },
  requested: { text: 'told', color: 'success.main' },
  unreached: { text: 'not reached', color: 'warning.main' },
  failed: { text: 'failed', color: 'error.main' },
}

const entriesOf = ({ entries, exact }: TierReport): string =>
  entries === null ? 'not known' : `${exact ? '' : 'about '}${formatUnit(entries, '1')}`

/** What goes or went, tier by tier, with how sure that is. */
export function PurgeReport({ report }: { report: PurgeReportData }): ReactNode {
  const { preview, scope, tiers, sampleKeys } = report
  return (
    <Box
      sx={{ display: 'grid', gap: 1, '& th, & td': { px: { xs: 1, sm: 2 } } }}
      data-testid={preview ? 'purge-preview' : 'purge-result'}
    >
      <Typography variant="h3" component="h3">
        {preview ? `What would go: ${scope}` : `Purged: ${scope}`}
      </Typography>
      {tiers.length === 0 ? (
        <Empty title={preview ? 'No cache holds anything of it' : 'No cache held anything of it'} />
      ) : (
        <TableFrame label={preview ? 'What would go' : 'What was purged'} maxHeight={280}>
          <TableHead>
            <TableRow>
              <TableCell>Tier</TableCell>
              <TableCell align="right">Entries</TableCell>
              <TableCell>Outcome</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {tiers.map((row) => (
              <TableRow key={`${row.tier} ${row.keyspace}`}>
                <TableCell sx={{ minWidth: 110 }}>
                  {TIER_TITLES[row.tier] ?? row.tier}
                  {row.keyspace === '' ? '' : ` of ${row.keyspace}`}
                  <Box sx={{ color: 'text.secondary', fontSize: '0.75rem' }}>{row.note}</Box>
                </TableCell>
                <TableCell align="right" sx={{ verticalAlign: 'top' }}>
                  {entriesOf(row)}
                </TableCell>
                <TableCell sx={{ verticalAlign: 'top', color: OUTCOMES[row.outcome].color, fontWeight: 550 }}>
                  {OUTCOMES[row.outcome].text}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </TableFrame>
      )}
      {sampleKeys.length === 0 ? null : (
        <Box
          component="details"
          sx={{ fontSize: '0.8125rem', '& summary': { cursor: 'pointer', color: 'text.secondary' } }}
        >
          <summary>Some of the keys ({sampleKeys.length})</summary>
          <Box
            component="ul"
            sx={{ m: 0, pl: 2.5, fontFamily: MONO, fontSize: '0.75rem', overflowWrap: 'anywhere' }}
          >
            {sampleKeys.map((key) => (
              <li key={key}>{key}</li>
            ))}
          </Box>
        </Box>
      )}
    </Box>
  )
}
