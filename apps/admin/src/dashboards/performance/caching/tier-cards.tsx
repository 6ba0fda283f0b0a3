import { Box, Paper, Typography } from '@mui/material'
import type { ReactNode } from 'react'
import { formatUnit } from '../../../format/units.ts'
import { StateChip } from '../../../ui/state-chip.tsx'
import { Failed, Loading } from '../../../ui/states.tsx'
import { useCacheTiers, type CacheTiers } from './queries.ts'

/** The tiers in the order in which a read asks them: how full, how fast, how well connected. */
export function TierCards({ service }: { service: string }): ReactNode {
  const { data, error, refetch } = useCacheTiers()
  if (data === undefined) {
    return error === null ? (
      <Loading height={150} label="Tiers: loading" />
    ) : (
      <Failed error={error} onRetry={() => void refetch()} />
    )
  }
  const memory = data.memory.filter((row) => service === '' || row.service === service)
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 1.5,
        gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 300px), 1fr))',
      }}
    >
      <MemoryCard rows={memory} />
      <SharedCard shared={data.shared} />
      <Card title="Edge" state={data.edge.state}>
        <Note>{data.edge.message}</Note>
      </Card>
    </Box>
  )
}

function Card({ title, state, children }: { title: string; state?: string; children: ReactNode }): ReactNode {
  return (
    <Paper
      component="section"
      aria-label={`Tier ${title}`}
      sx={{ p: 1.5, display: 'grid', gap: 1, alignContent: 'start' }}
    >
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
        <Typography variant="h3" component="h3" sx={{ flexGrow: 1 }}>
          {title}
        </Typography>
        {state === undefined ? null : <StateChip state={state} />}
      </Box>
      {children}
    </Paper>
  )
}

const Note = ({ children }: { children: ReactNode }): ReactNode => (
  <Typography variant="body2" sx={{ color: 'text.secondary' }}>
    {children}
  </Typography>
)

/** Used of allowed, as a bar with words beside it. */
function Fill({ label, used, limit }: { label: string; used: number; limit: number | null }): ReactNode {
  const share = limit === null || limit === 0 ? null : Math.min(1, used / limit)
  return (
    <Box sx={{ display: 'grid', gap: 0.25 }}>
      <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 1, fontSize: '0.8125rem' }}>
        <Box component="span" sx={{ overflowWrap: 'anywhere' }}>
          {label}
        </Box>
        <Box component="span" sx={{ color: 'text.secondary', whiteSpace: 'nowrap' }}>
          {formatUnit(used, 'By')}
          {limit === null ? '' : ` of ${formatUnit(limit, 'By')}`}
        </Box>
      </Box>
      {share === null ? null : (
        <Box aria-hidden sx={{ height: 6, borderRadius: 1, bgcolor: 'action.hover', overflow: 'hidden' }}>
          <Box
            sx={{
              width: `${share * 100}%`,
              height: 1,
              bgcolor: share > 0.95 ? 'warning.main' : 'primary.main',
            }}
          />
        </Box>
      )}
    </Box>
  )
}

function MemoryCard({ rows }: { rows: CacheTiers['memory'] }): ReactNode {
  return (
    <Card title="Memory">
      {rows.length === 0 ? (
        <Note>No process reports a cache at the moment.</Note>
      ) : (
        rows.map(({ service, processes, entries, bytes, maxBytes }) => (
          <Fill
            key={service}
            label={`${service === '' ? 'unnamed' : service}, ${processes} ${processes === 1 ? 'process' : 'processes'}, ${formatUnit(entries, '1')} entries`}
            used={bytes}
            limit={maxBytes}
          />
        ))
      )}
    </Card>
  )
}

function SharedCard({ shared }: { shared: CacheTiers['shared'] }): ReactNode {
  const { state, message, kind, latencyMs, usedBytes, maxBytes, servers, connections, errors } = shared
  const open = connections.filter(({ up }) => up === false)
  const deaf = connections.filter(({ follows }) => follows === false)
  const failed = errors.reduce((sum, { count }) => sum + count, 0)
  return (
    <Card title="Redis" state={state}>
      {state === 'up' ? null : <Note>{message}</Note>}
      {usedBytes === null ? null : <Fill label="Memory of Redis" used={usedBytes} limit={maxBytes} />}
      {state === 'off' ? null : (
        <Box
          component="dl"
          sx={{
            m: 0,
            display: 'grid',
            gridTemplateColumns: 'auto 1fr',
            columnGap: 2,
            rowGap: 0.25,
            fontSize: '0.8125rem',
            '& dt': { color: 'text.secondary' },
            '& dd': { m: 0, textAlign: 'right' },
          }}
        >
          <dt>Kind</dt>
          <dd>
            {kind ?? '–'}
            {servers === null || servers < 2 ? '' : `, ${servers} servers`}
          </dd>
          <dt>Round trip</dt>
          <dd>{formatUnit(latencyMs === null ? null : latencyMs / 1_000, 's')}</dd>
          <dt>Circuit breakers</dt>
          <dd>
            {connections.length === 0
              ? 'no process connected'
              : open.length === 0
                ? `closed in all ${connections.length} processes`
                : `open in ${open.map(({ instance }) => instance).join(', ')}`}
          </dd>
          <dt>Invalidations arrive</dt>
          <dd>
            {connections.length === 0
              ? '–'
              : deaf.length === 0
                ? 'everywhere'
                : `not in ${deaf.map(({ instance }) => instance).join(', ')}`}
          </dd>
          <dt>Failed operations</dt>
          <dd>
            {failed === 0
              ? `none in ${Math.round(shared.errorWindowMs / 60_000)} min`
              : errors.map(({ reason, count }) => `${formatUnit(count, '1')} ${reason}`).join(', ')}
          </dd>
        </Box>
      )}
    </Card>
  )
}
