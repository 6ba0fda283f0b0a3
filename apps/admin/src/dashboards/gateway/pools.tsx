import { Box, Paper, Typography } from '@mui/material'
import { useMemo, type ReactNode } from 'react'
import { formatUnit, type Unit } from '../../format/units.ts'
import { Failed, Loading, StaleBadge } from '../../ui/states.tsx'
import { BackendsTable } from './backends-table.tsx'
import { GatewayScreen, Nothing, type Gateway } from './gateway-screen.tsx'
import { useBackends, usePools, type Backend, type Pool } from './queries.ts'

/** Pools, what is behind them, and the way to take a backend out and back. */
export function GatewayPools(): ReactNode {
  return <GatewayScreen title="Pools">{(gateway) => <Pools gateway={gateway} />}</GatewayScreen>
}

// What visitors reach before what is Millrace's own.
const OWN = new Set(['control-plane', 'assets'])
const rank = ({ name }: Pool): number => (OWN.has(name) ? 1 : 0)

function Pools({ gateway }: { gateway: Gateway }): ReactNode {
  const pools = usePools()
  const backends = useBackends()
  const byPool = useMemo(
    () => Map.groupBy(backends.data?.backends ?? [], ({ pool }) => pool),
    [backends.data],
  )
  const error = pools.error ?? backends.error
  if (pools.data === undefined || backends.data === undefined) {
    return error === null ? (
      <Loading height={280} label="Pools: loading" />
    ) : (
      <Failed error={error} onRetry={() => void Promise.all([pools.refetch(), backends.refetch()])} />
    )
  }
  if (pools.data.pools.length === 0) {
    return (
      <Nothing title="No pool yet">
        An application in <code>millrace.config.ts</code> becomes a pool of backends here.
      </Nothing>
    )
  }
  const sorted = pools.data.pools.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
  return (
    <>
      {error === null ? null : (
        <Box>
          <StaleBadge since={pools.dataUpdatedAt} reason={error.message} />
        </Box>
      )}
      {sorted.map((pool) => (
        <PoolSection
          key={pool.name}
          pool={pool}
          backends={byPool.get(pool.name) ?? []}
          action={gateway.action}
        />
      ))}
    </>
  )
}

interface PoolSectionProps {
  pool: Pool
  backends: readonly Backend[]
  action: Gateway['action']
}

function PoolSection({ pool, backends, action }: PoolSectionProps): ReactNode {
  const { up, draining, down } = pool.backends
  const all = up + draining + down
  return (
    <Box component="section" aria-label={`Pool ${pool.name}`} sx={{ minWidth: 0, display: 'grid', gap: 1 }}>
      <Paper sx={{ px: 2, py: 1.5, display: 'flex', flexWrap: 'wrap', columnGap: 3, rowGap: 1 }}>
        <Box sx={{ flexGrow: 1, minWidth: 160 }}>
          <Typography variant="h2" component="h2">
            {pool.name}
          </Typography>
          <Box sx={{ color: 'text.secondary', fontSize: '0.8125rem' }}>
            {pool.balance} ·{' '}
            <Box component="span" sx={up < all ? { color: 'warning.main', fontWeight: 550 } : {}}>
              {up} of {all} up
            </Box>
          </Box>
        </Box>
        <Fact label="In flight" value={pool.inFlight} unit="1" />
        <Fact label="Queued" value={pool.queued} unit="1" warn={pool.queued > 0} />
        <Fact label="Requests" value={pool.requests} unit="1" />
        <Fact label="Retries" value={pool.retries} unit="1" />
        <Fact label="p50" value={seconds(pool.latency?.p50Ms)} unit="s" />
        <Fact label="p95" value={seconds(pool.latency?.p95Ms)} unit="s" />
        <Fact label="p99" value={seconds(pool.latency?.p99Ms)} unit="s" />
      </Paper>
      <BackendsTable pool={pool.name} backends={backends} action={action} />
    </Box>
  )
}

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000)

interface FactProps {
  label: string
  value: number | undefined
  unit: Unit
  warn?: boolean
}

function Fact({ label, value, unit, warn = false }: FactProps): ReactNode {
  return (
    <Box sx={{ minWidth: { xs: 64, md: 76 }, textAlign: { xs: 'left', md: 'right' } }}>
      <Box sx={{ color: 'text.secondary', fontSize: '0.75rem' }}>{label}</Box>
      <Box sx={{ fontWeight: 600, whiteSpace: 'nowrap', ...(warn ? { color: 'warning.main' } : {}) }}>
        {formatUnit(value, unit)}
      </Box>
    </Box>
  )
}
