import { Box, ButtonBase, Paper, Typography } from '@mui/material'
import type { Capability } from '@millrace/api-client'
import type { ReactNode } from 'react'
import { Link, useParams } from 'react-router'
import { useCapabilities } from '../api/queries.ts'
import { useHref } from '../app/links.ts'
import { sectionAt } from '../app/navigation.ts'
import { Page } from '../ui/page.tsx'
import { Empty, Failed, Loading } from '../ui/states.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { CapabilityMissing, CapabilityView } from './capability-view.tsx'

const SECTION = sectionAt('capabilities')!

/** `/capabilities`: what is installed. `/capabilities/<name>`: everything about one. */
export function CapabilitiesScreen(): ReactNode {
  const { name } = useParams()
  const { data, error, refetch } = useCapabilities()
  const capability = data?.find((candidate) => candidate.name === name)
  const body =
    data === undefined ? (
      error === null ? (
        <Loading height={240} label="Capabilities: loading" />
      ) : (
        <Failed error={error} onRetry={() => void refetch()} />
      )
    ) : name === undefined ? (
      <CapabilityCards capabilities={data} />
    ) : capability === undefined ? (
      <CapabilityMissing name={name} />
    ) : (
      <CapabilityView capability={capability} />
    )
  const detail = name === undefined ? undefined : (capability?.title ?? name)
  return (
    <Page section={SECTION} timed={capability !== undefined} {...(detail === undefined ? {} : { detail })}>
      {body}
    </Page>
  )
}

/** A capability may run and still not be well: the card says the worse of both. */
function worst(state: Capability['state'], health: Capability['health']['state']): string {
  if (state !== 'running') return state
  return health === 'healthy' ? 'running' : health
}

function CapabilityCards({ capabilities }: { capabilities: readonly Capability[] }): ReactNode {
  const href = useHref()
  if (capabilities.length === 0) return <Empty title="No capabilities are installed" height={200} />
  return (
    <Box
      component="ul"
      sx={{
        listStyle: 'none',
        p: 0,
        m: 0,
        display: 'grid',
        gap: 1.5,
        gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 300px), 1fr))',
      }}
    >
      {capabilities.map(({ name, title, summary, state, health }) => (
        <Paper key={name} component="li">
          <ButtonBase
            component={Link}
            to={href(`/capabilities/${name}`)}
            sx={{
              p: 2,
              width: '100%',
              height: '100%',
              display: 'flex',
              flexDirection: 'column',
              alignItems: 'stretch',
              gap: 0.75,
              textAlign: 'left',
              borderRadius: 1,
              '&:hover': { bgcolor: 'action.hover' },
            }}
          >
            <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 1 }}>
              <Typography variant="h2" component="h2">
                {title}
              </Typography>
              <StateChip state={worst(state, health.state)} />
            </Box>
            <Typography variant="body2" sx={{ color: 'text.secondary' }}>
              {summary}
            </Typography>
            <Box sx={{ flexGrow: 1 }} />
            <Typography variant="caption" sx={{ color: 'text.secondary' }}>
              {health.message}
            </Typography>
          </ButtonBase>
        </Paper>
      ))}
    </Box>
  )
}
