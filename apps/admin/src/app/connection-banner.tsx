import { Alert } from '@mui/material'
import { useEffect, useState, type ReactNode } from 'react'
import { useStreamState } from '../api/live-events.tsx'

/** A control plane that restarts is back in a second or two: that needs no banner. */
const PATIENCE_MS = 1_500

/** Says that what is shown is no longer being updated. The screens keep their last good values meanwhile. */
export function ConnectionBanner(): ReactNode {
  const state = useStreamState()
  return <div aria-live="polite">{state === 'disconnected' ? <LostConnection /> : null}</div>
}

function LostConnection(): ReactNode {
  const [patient, setPatient] = useState(true)
  useEffect(() => {
    const timer = setTimeout(() => setPatient(false), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  if (patient) return null
  return (
    <Alert severity="warning" square sx={{ py: 0 }}>
      The control plane does not answer. The gateway serves your visitors without it; the values below are the
      last ones known. Trying again…
    </Alert>
  )
}
