import { Alert, Box, Paper, Typography } from '@mui/material'
import type { Capability } from '@millrace/api-client'
import type { ReactNode } from 'react'
import { useDashboard } from '../api/queries.ts'
import { LazyChart } from '../charts/lazy-chart.tsx'
import { useAnnotations } from '../charts/use-annotations.ts'
import { ActionButton } from '../forms/action-button.tsx'
import { JsonView } from '../forms/json-view.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { ChartGrid, Section } from '../ui/page.tsx'
import { Empty } from '../ui/states.tsx'
import { buildMetric } from './build-metric.ts'
import { chartOf } from './capability-metrics.ts'
import { ConfigTable } from './config-table.tsx'
import { flatten, humanise, measure, showValue } from './flatten.ts'

const OVERVIEW_POLL_MS = 10_000

/**
 * Everything that a capability's manifest says, as a screen: a capability that nobody has written a screen for is
 * complete here on the day it is installed.
 */
export function CapabilityView({ capability }: { capability: Capability }): ReactNode {
  const { name, summary, state, error, health, actions, metrics, config } = capability
  const annotations = useAnnotations()
  return (
    <>
      <Paper sx={{ p: 2, display: 'grid', gap: 1.25 }}>
        <Box sx={{ display: 'flex', gap: 2, alignItems: 'center', flexWrap: 'wrap' }}>
          <StateChip state={state} />
          <Typography variant="body2">{summary}</Typography>
        </Box>
        {error === undefined ? null : (
          <Alert severity="error" variant="outlined">
            {error.message} <code>{error.code}</code>
          </Alert>
        )}
        <HealthChecks health={health} />
        {actions.length === 0 ? null : (
          <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', pt: 0.5 }}>
            {actions.map((action) => (
              <ActionButton key={action.name} capability={name} action={action} />
            ))}
          </Box>
        )}
      </Paper>
      <Overview name={name} />
      {metrics.length === 0 ? null : (
        <Section title="Metrics">
          <ChartGrid>
            {metrics.map((metric) => {
              const { specs, title, help, unit } = chartOf(metric, name)
              return (
                <LazyChart
                  key={metric.name}
                  title={title}
                  help={help}
                  unit={unit}
                  specs={specs}
                  build={buildMetric}
                  height={150}
                  annotations={annotations}
                  empty="Nothing was recorded: this metric moves when the capability is used."
                />
              )
            })}
          </ChartGrid>
        </Section>
      )}
      <Section title="Configuration" help="Where each value came from; secrets are not shown.">
        <ConfigTable capability={name} config={config} />
      </Section>
    </>
  )
}

function HealthChecks({ health }: { health: Capability['health'] }): ReactNode {
  return (
    <Box sx={{ display: 'grid', gap: 0.5, fontSize: '0.8125rem' }}>
      <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'baseline', flexWrap: 'wrap' }}>
        <StateChip state={health.state} />
        <span>{health.message}</span>
      </Box>
      {(health.checks ?? []).map((check) => (
        <Box
          key={check.name}
          sx={{ display: 'flex', gap: 1.5, pl: 2, color: 'text.secondary', flexWrap: 'wrap' }}
        >
          <StateChip state={check.state} />
          <span>
            {check.name}
            {check.latencyMs === undefined ? '' : `, ${Math.round(check.latencyMs)} ms`}
            {check.message === undefined ? '' : `: ${check.message}`}
          </span>
        </Box>
      ))}
    </Box>
  )
}

/** The capability's own summary: numbers and words as tiles, everything deeper as JSON. */
function Overview({ name }: { name: string }): ReactNode {
  const overview = useDashboard(OVERVIEW_POLL_MS).data?.parts[name]?.overview
  if (overview === undefined) return null
  const leaves = flatten(overview)
  const simple = leaves.filter(({ value }) => value === null || typeof value !== 'object')
  const deep = Object.fromEntries(
    leaves
      .filter(({ value }) => typeof value === 'object' && value !== null)
      .map(({ path, value }) => [path, value]),
  )
  return (
    <Section title="Now">
      <Box sx={{ display: 'grid', gap: 1.5 }}>
        {simple.length === 0 ? null : (
          <Box
            sx={{ display: 'grid', gap: 1.5, gridTemplateColumns: 'repeat(auto-fill, minmax(160px, 1fr))' }}
          >
            {simple.map(({ path, value }) => (
              <Fact key={path} path={path} value={value} />
            ))}
          </Box>
        )}
        {Object.keys(deep).length === 0 ? null : <JsonView value={deep} label={`${name}: details`} />}
      </Box>
    </Section>
  )
}

function Fact({ path, value }: { path: string; value: unknown }): ReactNode {
  const numeric = typeof value === 'number'
  const { label, text } = numeric
    ? measure(path, value)
    : { label: humanise(path), text: value === null ? '–' : showValue(value) }
  return (
    <Paper sx={{ px: 1.5, py: 1, minWidth: 0 }}>
      <Typography variant="body2" sx={{ color: 'text.secondary' }}>
        {label}
      </Typography>
      <Box sx={{ fontSize: numeric ? '1.25rem' : '0.875rem', fontWeight: numeric ? 600 : 400 }}>{text}</Box>
    </Paper>
  )
}

/** For a name that is not installed. */
export function CapabilityMissing({ name }: { name: string }): ReactNode {
  return (
    <Paper>
      <Empty title={`The capability '${name}' is not installed`} height={160}>
        Capabilities are npm packages: what is in <code>node_modules</code> with a{' '}
        <code>millrace.capability</code> entry is found at the next start.
      </Empty>
    </Paper>
  )
}
