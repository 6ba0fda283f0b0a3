import { Box } from '@mui/material'
import { Component, type ReactNode } from 'react'
import { toApiError } from '../api/client.ts'
import { Failed } from '../ui/states.tsx'

/** A screen that throws shows its error and leaves the rest of the panel alone. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    // After an update of the panel the chunks of the old one are gone: only a reload finds the new ones.
    const gone = error instanceof TypeError && /dynamically imported module/.test(error.message)
    const retry = (): void => {
      if (gone) window.location.reload()
      else this.setState({ error: undefined })
    }
    return (
      <Box sx={{ p: 2 }}>
        <Failed error={toApiError(error)} onRetry={retry} />
      </Box>
    )
  }
}
