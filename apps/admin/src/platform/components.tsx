import { Box, Link, Paper, Typography } from '@mui/material'
import type { Incident } from '@millrace/api-client'
import type { ReactNode } from 'react'
import { useIncidents, useRuntime } from '../api/queries.ts'
import { sectionAt } from '../app/navigation.ts'
import { formatDuration } from '../time/duration.ts'
import { formatInstant, formatTime } from '../time/instant.ts'
import { Page, Section } from '../ui/page.tsx'
import { Empty, Failed, Loading } from '../ui/states.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { ComponentsTable } from './components-table.tsx'

/** What runs, and what went wrong with it. */
export function ComponentsScreen(): ReactNode {
  const publicUrl = useRuntime().data?.publicUrl
  return (
    <Page section={sectionAt('components')!}>
      {publicUrl === undefined || publicUrl === '' ? null : (
        <Typography variant="body2" sx={{ color: 'text.secondary' }}>
          The gateway serves{' '}
          <Link href={publicUrl} target="_blank" rel="noreferrer">
            {publicUrl}
          </Link>
        </Typography>
      )}
      <ComponentsTable />
      <Section
        title="Incidents"
        help="An unplanned stop opens one; the component being ready again closes it."
      >
        <Incidents />
      </Section>
    </Page>
  )
}

function Incidents(): ReactNode {
  const { data, error, refetch } = useIncidents()
  if (data === undefined) {
    return error === null ? (
      <Loading height={120} label="Incidents: loading" />
    ) : (
      <Failed error={error} onRetry={() => void refetch()} />
    )
  }
  if (data.length === 0) {
    return (
      <Paper>
        <Empty title="No incidents">
          A component that stops without being asked to is recorded here, with its timeline.
        </Empty>
      </Paper>
    )
  }
  return (
    <Box sx={{ display: 'grid', gap: 1 }}>
      {data.map((incident) => (
        <IncidentCard key={incident.id} incident={incident} />
      ))}
    </Box>
  )
}

function IncidentCard({ incident }: { incident: Incident }): ReactNode {
  const { title, component, state, openedAt, closedAt, timeline } = incident
  return (
    <Paper
      component="details"
      sx={{ px: 1.5, py: 1, '& summary': { cursor: 'pointer' } }}
      open={state === 'open'}
    >
      <Box component="summary">
        <Box
          component="span"
          sx={{ display: 'inline-flex', gap: 1.5, flexWrap: 'wrap', alignItems: 'center', ml: 0.5 }}
        >
          <StateChip state={state} />
          <Typography component="span" variant="body2" sx={{ fontWeight: 550 }}>
            {title}
          </Typography>
          <Typography component="span" variant="body2" sx={{ color: 'text.secondary' }}>
            {component} · {formatInstant(openedAt)}
            {closedAt === null ? '' : ` · ${formatDuration(Math.max(1_000, closedAt - openedAt))}`}
          </Typography>
        </Box>
      </Box>
      <Box component="ol" sx={{ m: 0, mt: 1, pl: 3, display: 'grid', gap: 0.5, fontSize: '0.8125rem' }}>
        {timeline.map((step) => (
          <li key={`${step.at} ${step.state}`}>
            <code>{formatTime(step.at)}</code> {step.message}{' '}
            <Box component="span" sx={{ color: 'text.secondary' }}>
              ({step.state})
            </Box>
          </li>
        ))}
      </Box>
    </Paper>
  )
}
