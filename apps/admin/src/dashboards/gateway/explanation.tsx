import { Box, Paper, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material'
import type { ReactNode } from 'react'
import { StateChip } from '../../ui/state-chip.tsx'
import { TableFrame } from '../../ui/table-frame.tsx'

/** What the gateway's action `explain` answers. */
export interface Explanation {
  outcome: string
  request: { method: string; host: string | null; path: string; client: string; country: string | null }
  candidates: { host: string; prefix: string; application: string; lost: string | null }[]
  split: {
    name: string
    kind: string
    part: string
    place: number
    placeFrom: string
    shares: Record<string, number>
  } | null
  mirror: { application: string; share: number } | null
  pool: {
    name: string
    balance: string
    sticky: string | null
    rateLimit: string | null
    queued: number
    backends: { id: string; takesRequests: boolean; why: string; inFlight: number }[]
  } | null
  cache: {
    asked: boolean
    why: string
    key: { scheme: string; host: string; target: string; variant: string | null } | null
  }
  sent: { path: string; headers: Record<string, string> } | null
}

interface PlainTableProps {
  label: string
  titles: readonly string[]
  rows: readonly (readonly ReactNode[])[]
  /** Stands out. */
  marked?: (index: number) => boolean
}

function PlainTable({ label, titles, rows, marked }: PlainTableProps): ReactNode {
  return (
    <TableFrame label={label} maxHeight={360}>
      <TableHead>
        <TableRow>
          {titles.map((title) => (
            <TableCell key={title} sx={{ bgcolor: 'background.paper' }}>
              {title}
            </TableCell>
          ))}
        </TableRow>
      </TableHead>
      <TableBody>
        {rows.map((cells, row) => (
          <TableRow key={row} selected={marked?.(row) === true}>
            {cells.map((cell, column) => (
              <TableCell key={column} sx={{ overflowWrap: 'anywhere', minWidth: 72 }}>
                {cell}
              </TableCell>
            ))}
          </TableRow>
        ))}
      </TableBody>
    </TableFrame>
  )
}

function Step({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <Box component="section" aria-label={title} sx={{ display: 'grid', gap: 0.75, minWidth: 0 }}>
      <Typography variant="h2">{title}</Typography>
      {children}
    </Box>
  )
}

const PLACES: Readonly<Record<string, string>> = {
  cookie: 'from its cookie: it stays there',
  hash: 'from a hash of address and browser: it stays there',
  chance: 'by chance: the next request may have another',
}

/** The way of a request, step by step, with the reason of each. */
export function ExplanationView({ explanation }: { explanation: Explanation }): ReactNode {
  const { outcome, request, candidates, split, mirror, pool, cache, sent } = explanation
  return (
    <Box sx={{ display: 'grid', gap: 2, minWidth: 0 }}>
      <Paper
        component="section"
        aria-label="Outcome"
        sx={{ p: 2, borderLeft: 4, borderLeftColor: 'primary.main' }}
      >
        <Typography sx={{ fontWeight: 600 }}>{outcome}</Typography>
        <Box sx={{ color: 'text.secondary', fontSize: '0.8125rem', overflowWrap: 'anywhere' }}>
          {request.method} {request.host ?? '(no host)'}
          {request.path} · visitor {request.client}
          {request.country === null ? '' : ` · country ${request.country}`}
        </Box>
      </Paper>
      <Step title="Route">
        {candidates.length === 0 ? (
          <Typography variant="body2">No route has this host and path.</Typography>
        ) : (
          <PlainTable
            label="Routes looked at"
            titles={['Host', 'Path', 'Application', 'Why']}
            rows={candidates.map(({ host, prefix, application, lost }) => [
              host === '*' ? 'any' : host,
              prefix,
              <strong key="application">{application}</strong>,
              lost ?? 'chosen',
            ])}
            marked={(row) => candidates[row]!.lost === null}
          />
        )}
      </Step>
      {split === null ? null : (
        <Step title="Split">
          <Typography variant="body2">
            {split.name} ({split.kind}) gives it to <strong>{split.part}</strong>, at place {split.place} of 0
            to 9,999, {PLACES[split.placeFrom] ?? split.placeFrom}. Shares:{' '}
            {Object.entries(split.shares)
              .map(([part, share]) => `${part} ${share}%`)
              .join(', ')}
            .
          </Typography>
        </Step>
      )}
      {mirror === null ? null : (
        <Step title="Copy">
          <Typography variant="body2">
            {mirror.share}% of such requests are copied to {mirror.application}.
          </Typography>
        </Step>
      )}
      {pool === null ? null : (
        <Step title={`Pool ${pool.name}`}>
          <Typography variant="body2">
            {[
              `Balanced by ${pool.balance}`,
              pool.sticky === null ? undefined : `session: ${pool.sticky}`,
              pool.rateLimit === null ? undefined : `rate limit: ${pool.rateLimit}`,
              pool.queued > 0 ? `${pool.queued} requests wait` : undefined,
            ]
              .filter((part) => part !== undefined)
              .join('; ')}
            .
          </Typography>
          <PlainTable
            label="Backends looked at"
            titles={['Backend', 'Takes requests', 'Why', 'In flight']}
            rows={pool.backends.map(({ id, takesRequests, why, inFlight }) => [
              <strong key="id">{id}</strong>,
              <StateChip
                key="state"
                state={takesRequests ? 'ready' : 'failed'}
                label={takesRequests ? 'yes' : 'no'}
              />,
              why,
              inFlight,
            ])}
          />
        </Step>
      )}
      <Step title="Cache">
        <Typography variant="body2">
          {cache.asked ? 'Asked first' : 'Not asked'}: {cache.why}
        </Typography>
        {cache.key === null ? null : (
          <Box component="code" sx={{ fontSize: '0.8125rem', overflowWrap: 'anywhere' }}>
            {cache.key.scheme}://{cache.key.host}
            {cache.key.target}
            {cache.key.variant === null ? '' : ` (${cache.key.variant})`}
          </Box>
        )}
      </Step>
      {sent === null ? null : (
        <Step title="What the backend would get">
          <PlainTable
            label="Request for the backend"
            titles={['Field', 'Value']}
            rows={[['path', sent.path] as const, ...Object.entries(sent.headers)].map(([name, value]) => [
              name,
              <code key="value">{value}</code>,
            ])}
          />
        </Step>
      )}
    </Box>
  )
}
