import ErrorOutline from '@mui/icons-material/ErrorOutlineOutlined'
import InboxOutlined from '@mui/icons-material/InboxOutlined'
import Refresh from '@mui/icons-material/Refresh'
import { Alert, AlertTitle, Box, Button, Chip, Skeleton, Tooltip, Typography } from '@mui/material'
import type { ApiError } from '@millrace/api-client'
import { useEffect, useState, type ReactNode } from 'react'
import { formatAge } from '../time/duration.ts'
import { formatInstant } from '../time/instant.ts'

/** Nothing is known yet. Shaped like what will come, so that the page does not jump. */
export function Loading({ height = 180, label = 'Loading' }: { height?: number; label?: string }): ReactNode {
  return (
    <Box component="output" aria-label={label} sx={{ display: 'block' }}>
      <Skeleton variant="rounded" height={height} animation="wave" />
    </Box>
  )
}

/** The answer is known and it is nothing: says what would fill it. */
export function Empty({
  title,
  children,
  height,
}: {
  title: string
  children?: ReactNode
  height?: number
}): ReactNode {
  return (
    <Box
      sx={{
        minHeight: height,
        display: 'flex',
        flexDirection: 'column',
        alignItems: 'center',
        justifyContent: 'center',
        textAlign: 'center',
        color: 'text.secondary',
        gap: 0.5,
        px: 2,
        py: 3,
      }}
    >
      <InboxOutlined sx={{ opacity: 0.6 }} />
      <Typography variant="body2" sx={{ color: 'text.primary', fontWeight: 550 }}>
        {title}
      </Typography>
      {children === undefined ? null : (
        <Typography variant="body2" component="div" sx={{ maxWidth: 460, textWrap: 'balance' }}>
          {children}
        </Typography>
      )}
    </Box>
  )
}

/** A problem document, with all that is needed to act on it or to report it. */
export function Failed({
  error,
  onRetry,
  height,
}: {
  error: ApiError
  onRetry?: () => void
  height?: number
}): ReactNode {
  return (
    <Box sx={{ minHeight: height, display: 'flex', alignItems: 'center' }}>
      <Alert
        severity="error"
        variant="outlined"
        icon={<ErrorOutline fontSize="small" />}
        sx={{ width: '100%', '& .MuiAlert-message': { minWidth: 0 } }}
        action={
          onRetry === undefined ? undefined : (
            <Button color="inherit" startIcon={<Refresh />} onClick={onRetry}>
              Retry
            </Button>
          )
        }
      >
        <AlertTitle sx={{ fontSize: '0.875rem', mb: 0.25 }}>{error.title}</AlertTitle>
        {error.message}
        <Typography variant="caption" component="div" sx={{ mt: 0.5 }}>
          <code>{error.code}</code>
          {error.status > 0 ? ` · HTTP ${error.status}` : ''}
        </Typography>
      </Alert>
    </Box>
  )
}

/** Re-renders once a second while something on the screen has an age. */
export function useSecond(active = true): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!active) return undefined
    const move = (): void => setNow(Date.now())
    const first = setTimeout(move)
    const timer = setInterval(move, 1_000)
    return () => {
      clearTimeout(first)
      clearInterval(timer)
    }
  }, [active])
  return now
}

/** Old data stays on the screen, and says how old it is. */
export function StaleBadge({ since, reason }: { since: number; reason?: string }): ReactNode {
  const now = useSecond()
  return (
    <Tooltip title={`Last good answer: ${formatInstant(since)}.${reason === undefined ? '' : ` ${reason}`}`}>
      <Chip color="warning" variant="outlined" label={`${formatAge(now - since)} old`} />
    </Tooltip>
  )
}
