import type { ReactNode } from 'react'
import { BrowserRouter } from 'react-router'
import { LiveEvents } from '../api/live-events.tsx'
import { TimeProvider } from '../time/time-context.tsx'
import { PanelRoutes } from './routes.tsx'
import { Shell } from './shell.tsx'

/** What a signed-in user sees, from the outside in: address, live stream, time, frame, screen. */
export function Panel(): ReactNode {
  return (
    <BrowserRouter basename={import.meta.env.BASE_URL}>
      <LiveEvents>
        <TimeProvider>
          <Shell>
            <PanelRoutes />
          </Shell>
        </TimeProvider>
      </LiveEvents>
    </BrowserRouter>
  )
}
