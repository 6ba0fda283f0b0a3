import { Box, Paper } from '@mui/material'
import type { ReactNode } from 'react'
import { formatUnit } from '../../format/units.ts'
import { formatAge } from '../../time/duration.ts'
import { Section } from '../../ui/page.tsx'
import { StateChip } from '../../ui/state-chip.tsx'
import { useSecond } from '../../ui/states.tsx'
import { Muted } from './backend-state.tsx'
import { useEdge } from './queries.ts'

/** Fewer days than this are a reason to look after a renewal. */
const SOON_DAYS = 14

const LIST = { listStyle: 'none', m: 0, p: 0, display: 'grid', gap: 0.75, fontSize: '0.8125rem' } as const

/** Certificates with how long they are good for, and the other regions; nothing where there are neither. */
export function Edge(): ReactNode {
  const { data } = useEdge()
  const now = useSecond(data !== undefined)
  if (data === undefined) return null
  const { tls, regions } = data
  return (
    <>
      {tls === null ? null : (
        <Section
          title="Certificates"
          help={`${formatUnit(tls.handshakes, '1')} handshakes, ${formatUnit(tls.resumed, '1')} of them resumed, ${formatUnit(tls.failed, '1')} failed.`}
        >
          <Paper sx={{ p: 1.5 }}>
            <Box component="ul" sx={LIST}>
              {tls.certificates.map(({ certificate, names, daysLeft }) => (
                <Box component="li" key={certificate} sx={{ overflowWrap: 'anywhere' }}>
                  <strong>{names.join(', ')}</strong>{' '}
                  <Box
                    component="span"
                    sx={daysLeft < SOON_DAYS ? { color: 'error.main', fontWeight: 600 } : {}}
                  >
                    {daysLeft < 0 ? 'has expired' : `${Math.floor(daysLeft)} days left`}
                  </Box>{' '}
                  <Muted>{certificate}</Muted>
                </Box>
              ))}
            </Box>
          </Paper>
        </Section>
      )}
      {regions === null || regions.peers.length === 0 ? null : (
        <Section title="Regions" help="The nearest one that is up gets what cannot be answered here.">
          <Paper sx={{ p: 1.5 }}>
            <Box component="ul" sx={LIST}>
              {regions.peers.map(({ name, url, state, rank, roundTripMs, why, answeredAt }) => (
                <Box
                  component="li"
                  key={name}
                  sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 1.5, overflowWrap: 'anywhere' }}
                >
                  <strong>{name}</strong>
                  <StateChip state={state} />
                  {rank === null ? null : <span>rank {rank}</span>}
                  {roundTripMs === null ? null : <span>{formatUnit(roundTripMs / 1_000, 's')} away</span>}
                  {why === null ? null : <Box sx={{ color: 'warning.main' }}>{why}</Box>}
                  <Muted>
                    {url}
                    {answeredAt === null ? '' : `, heard ${formatAge(now - answeredAt)} ago`}
                  </Muted>
                </Box>
              ))}
            </Box>
          </Paper>
        </Section>
      )}
    </>
  )
}
