import { Alert, Link as MuiLink, Paper } from '@mui/material'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { useCapabilities } from '../api/queries.ts'
import { useHref } from '../app/links.ts'
import type { TabPlan } from '../app/navigation.ts'
import { CapabilityView } from '../platform/capability-view.tsx'
import { Empty, Failed, Loading } from '../ui/states.tsx'

/** A screen that is not built: what it will show, what it needs, and what there is of it today. No invented numbers. */
export function PlannedTab({ title, plan }: { title: string; plan: TabPlan }): ReactNode {
  const { data, error, refetch } = useCapabilities()
  const href = useHref()
  if (data === undefined) {
    return error === null ? (
      <Loading height={160} label={`${title}: loading`} />
    ) : (
      <Failed error={error} onRetry={() => void refetch()} />
    )
  }
  const capability = data.find(({ name }) => name === plan.capability)
  if (capability !== undefined && plan.generic) {
    return (
      <>
        <Alert severity="info" variant="outlined" sx={{ py: 0 }}>
          This screen will grow: {lowerFirst(plan.what)} Below is what the {capability.title} capability
          reports today.
        </Alert>
        <CapabilityView capability={capability} />
      </>
    )
  }
  return (
    <Paper>
      <Empty title={`The ${title} screen is not in this version`} height={220}>
        <p>{plan.what}</p>
        {capability === undefined ? (
          <p>
            It comes with the capability <code>{plan.capability}</code>, which is not installed.{' '}
            <MuiLink component={Link} to={href('/capabilities')}>
              See what is installed
            </MuiLink>{' '}
            or read the{' '}
            <MuiLink component={Link} to={href('/help')}>
              guide
            </MuiLink>
            .
          </p>
        ) : (
          <p>
            The installed <code>{plan.capability}</code> capability does not offer it yet.{' '}
            <MuiLink component={Link} to={href(`/capabilities/${plan.capability}`)}>
              See what it does
            </MuiLink>{' '}
            or read the{' '}
            <MuiLink component={Link} to={href('/help')}>
              guide
            </MuiLink>
            .
          </p>
        )}
      </Empty>
    </Paper>
  )
}

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1)
