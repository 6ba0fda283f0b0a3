import { Box, CircularProgress } from '@mui/material'
import type { ApiError } from '@millrace/api-client'
import type { ReactNode } from 'react'
import { Failed } from '../ui/states.tsx'

/** Before the first answer: asks again by itself, so that a panel opened too early only waits. */
export function StartUp({ error, onRetry }: { error?: ApiError; onRetry?: () => void }): ReactNode {
  return (
    <Box component="main" sx={{ minHeight: '100dvh', display: 'grid', placeItems: 'center', p: 2 }}>
      {error === undefined ? (
        <CircularProgress size={28} aria-label="Connecting to the control plane" />
      ) : (
        <Box sx={{ maxWidth: 480, width: '100%' }}>
          <Failed error={error} {...(onRetry === undefined ? {} : { onRetry })} />
        </Box>
      )}
    </Box>
  )
}
