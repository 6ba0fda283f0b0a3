import { Alert, TextField } from '@mui/material'
import type { CapabilityAction } from '@millrace/api-client'
import type { ReactNode } from 'react'

type Effect = CapabilityAction['effect']

const CONSEQUENCE: Record<Effect, string> = {
  read: 'Reads only.',
  write: 'Changes the running system. Recorded in the audit log.',
  destructive: 'The platform cannot undo this. Recorded in the audit log.',
}

const SEVERITY: Record<Effect, 'info' | 'warning' | 'error'> = {
  read: 'info',
  write: 'warning',
  destructive: 'error',
}

/** What an action of this effect means, before it is run. */
export function Consequence({ effect }: { effect: Effect }): ReactNode {
  return (
    <Alert severity={SEVERITY[effect]} variant="outlined" sx={{ py: 0 }}>
      {CONSEQUENCE[effect]}
    </Alert>
  )
}

interface TypeToConfirmProps {
  word: string
  typed: string
  onChange: (typed: string) => void
}

/** For what cannot be undone: nobody types a word by accident. */
export function TypeToConfirm({ word, typed, onChange }: TypeToConfirmProps): ReactNode {
  return (
    <TextField
      label={`Type ${word} to confirm`}
      value={typed}
      onChange={(event) => onChange(event.target.value)}
      slotProps={{ htmlInput: { autoComplete: 'off', spellCheck: false } }}
    />
  )
}
