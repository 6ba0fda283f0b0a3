import { Box, Paper, Typography } from '@mui/material'
import type { ReactNode } from 'react'
import { useCapabilities, useSettings } from '../api/queries.ts'
import { sectionAt } from '../app/navigation.ts'
import { Page, Section } from '../ui/page.tsx'
import { Empty, Failed, Loading } from '../ui/states.tsx'
import { StateChip } from '../ui/state-chip.tsx'
import { ConfigTable } from './config-table.tsx'
import { LiveSettings } from './live-settings.tsx'

/** What can be changed while everything runs, and where every other value came from. */
export function SettingsScreen(): ReactNode {
  const capabilities = useCapabilities()
  const settings = useSettings()
  return (
    <Page section={sectionAt('settings')!}>
      <Section title="Live settings" help="Take effect at once, are audited, and survive a restart.">
        {settings.data === undefined ? (
          settings.error === null ? (
            <Loading height={80} label="Settings: loading" />
          ) : (
            <Failed error={settings.error} onRetry={() => void settings.refetch()} />
          )
        ) : settings.data.settings.length === 0 ? (
          <Paper>
            <Empty title="No setting can change while running">
              The installed capabilities read their configuration when they start: change{' '}
              <code>millrace.config.ts</code> and start again.
            </Empty>
          </Paper>
        ) : (
          <LiveSettings settings={settings.data.settings} capabilities={capabilities.data ?? []} />
        )}
      </Section>
      <Section
        title="Configuration"
        help="Defaults, then millrace.config.ts, then the environment, then flags: the last one wins."
      >
        {capabilities.data === undefined ? (
          capabilities.error === null ? (
            <Loading height={200} label="Configuration: loading" />
          ) : (
            <Failed error={capabilities.error} onRetry={() => void capabilities.refetch()} />
          )
        ) : (
          <Box sx={{ display: 'grid', gap: 1 }}>
            {capabilities.data.map(({ name, title, state, config }) => (
              <Box
                component="details"
                key={name}
                sx={{ '& > summary': { cursor: 'pointer', py: 0.75 }, '&[open] > summary': { mb: 0.5 } }}
              >
                <summary>
                  <Box
                    component="span"
                    sx={{ display: 'inline-flex', gap: 1.5, alignItems: 'center', ml: 0.5 }}
                  >
                    <Typography component="span" variant="h3">
                      {title}
                    </Typography>
                    <StateChip state={state} />
                  </Box>
                </summary>
                <ConfigTable capability={name} config={config} />
              </Box>
            ))}
          </Box>
        )}
      </Section>
    </Page>
  )
}
