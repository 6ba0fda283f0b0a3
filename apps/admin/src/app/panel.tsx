import type { ReactNode } from 'react'
import { BrowserRouter } from 'react-router'
import { LiveEvents } from '../api/live-events.tsx'
import { ActionHost } from '../forms/action-host.tsx'
import { TimeProvider } from '../time/time-context.tsx'
import { PanelRoutes } from './routes.tsx'
import { Shell } from './shell.tsx'

// Without the slash at its end, or `/admin` itself would lie outside of it.
const BASENAME = import.meta.env.BASE_URL.replace(/\/$/, '')

/** What a signed-in user sees, from the outside in: address, live stream, time, frame, screen. */
export function Panel(): ReactNode {
  return (
    <BrowserRouter basename={BASENAME}>
      <LiveEvents>
        <TimeProvider>
          <Shell>
            <ActionHost>
              <PanelRoutes />
            </ActionHost>
          </Shell>
        </TimeProvider>
      </LiveEvents>
    </BrowserRouter>
  )
}
