import CssBaseline from '@mui/material/CssBaseline'
import { ThemeProvider } from '@mui/material/styles'
import { QueryClientProvider } from '@tanstack/react-query'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { createQueryClient } from '../api/queries.ts'
import { SessionGate } from '../session/session.tsx'
import { StartUp } from '../session/start-up.tsx'
import { theme } from './theme.ts'

// Requested while the session is still being asked for: whoever is signed in waits for neither in turn.
const panel = import('./panel.tsx')
const Panel = lazy(async () => ({ default: (await panel).Panel }))

/** The entry: look, data and the question who is there. All else is loaded after it. */
export function App(): ReactNode {
  const [queries] = useState(createQueryClient)
  return (
    <ThemeProvider theme={theme} defaultMode="system" disableTransitionOnChange>
      <CssBaseline />
      <QueryClientProvider client={queries}>
        <Suspense fallback={<StartUp />}>
          <SessionGate>
            <Panel />
          </SessionGate>
        </Suspense>
      </QueryClientProvider>
    </ThemeProvider>
  )
}
