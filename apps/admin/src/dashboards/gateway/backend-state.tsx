import { Box, Tooltip } from '@mui/material'
import type { ReactNode } from 'react'
import { formatUnit } from '../../format/units.ts'
import { formatAge } from '../../time/duration.ts'
import { formatInstant } from '../../time/instant.ts'
import { StateChip } from '../../ui/state-chip.tsx'
import type { Backend } from './queries.ts'

/** In one word: what the balancer does with it. */
export const stateOf = ({ state, ejected }: Backend): string =>
  state === 'up' && ejected ? 'ejected' : state

export function BackendState({ backend }: { backend: Backend }): ReactNode {
  const word = stateOf(backend)
  return (
    <Tooltip title={STATES[word] ?? ''}>
      <span>
        <StateChip state={word} />
      </span>
    </Tooltip>
  )
}

const STATES: Readonly<Record<string, string>> = {
  up: 'Gets requests.',
  draining: 'Gets no new request and finishes those it has.',
  down: 'Failed its health checks: gets no request.',
  ejected: 'Left out for a moment: it failed several requests in a row, or connections to it.',
}

/** Closed, open, or how much it is let through. */
export function CircuitState({ backend }: { backend: Backend }): ReactNode {
  const { circuit, admitted } = backend
  const word = circuit === 'recovering' ? `recovering, ${formatUnit(admitted, 'ratio')}` : circuit
  return (
    <Tooltip title={CIRCUITS[circuit]}>
      <span>
        <StateChip state={circuit} label={word} />
      </span>
    </Tooltip>
  )
}

const CIRCUITS: Readonly<Record<Backend['circuit'], string>> = {
  closed: 'All of its weight is used.',
  open: 'Too many failures: it gets nothing until the circuit tries it again.',
  recovering: 'It was open, and gets a share of its weight until that goes well.',
}

/** What the last health check said, and since when it says so. */
export function HealthCheck({ backend, now }: { backend: Backend; now: number }): ReactNode {
  const { health } = backend
  if (health === undefined) return <Muted>not checked</Muted>
  const { healthy, message, kind, latencyMs, changedAt, checkedAt, failures = 0 } = health
  const details = [
    kind === undefined ? undefined : `${kind} check`,
    latencyMs === undefined ? undefined : `took ${formatUnit(latencyMs / 1_000, 's')}`,
    checkedAt === undefined ? undefined : `last at ${formatInstant(checkedAt)}`,
    failures > 0 ? `${failures} failed in a row` : undefined,
  ].filter((part) => part !== undefined)
  return (
    <Tooltip title={details.join(', ')}>
      <Box component="span" sx={{ display: 'inline-block', maxWidth: 260 }}>
        <Box component="span" sx={healthy ? {} : { color: 'error.main', fontWeight: 550 }}>
          {message === '' ? (healthy ? 'passed' : 'failed') : message}
        </Box>
        {changedAt === undefined ? null : <Muted> for {formatAge(now - changedAt)}</Muted>}
      </Box>
    </Tooltip>
  )
}

export function Muted({ children }: { children: ReactNode }): ReactNode {
  return (
    <Box component="span" sx={{ color: 'text.secondary' }}>
      {children}
    </Box>
  )
}
