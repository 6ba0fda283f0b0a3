import { Box, Button, Dialog, DialogActions, DialogContent, DialogTitle, Typography } from '@mui/material'
import { useState, type FormEvent, type ReactNode } from 'react'
import { Consequence, TypeToConfirm } from '../../../forms/confirmation.tsx'
import { Failed } from '../../../ui/states.tsx'
import { PurgeFields } from './purge-fields.tsx'
import { purgeProblem, type PurgeForm } from './purge-form.ts'
import { PurgeReport } from './purge-report.tsx'
import { usePurge } from './use-purge.ts'

interface PurgeDialogProps {
  initial: PurgeForm
  /** Offered in the choice of caches. */
  keyspaces: readonly string[]
  /** What was chosen, for the address. */
  onChange: (form: PurgeForm) => void
  onClose: () => void
}

/** Choose, look at what would go, confirm, see what became of it in each tier. */
export function PurgeDialog({ initial, keyspaces, onChange, onClose }: PurgeDialogProps): ReactNode {
  const [form, setForm] = useState(initial)
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState<string>()
  const { preview, purge } = usePurge()
  const busy = preview.isPending || purge.isPending
  const looked = preview.data !== undefined
  const done = purge.data !== undefined
  const error = purge.error ?? preview.error

  const change = (next: PurgeForm): void => {
    // What was looked at belongs to what was chosen then.
    preview.reset()
    purge.reset()
    setTyped('')
    setProblem(undefined)
    setForm(next)
    onChange(next)
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const found = purgeProblem(form)
    setProblem(found)
    if (found !== undefined || busy || done) return
    if (!looked) preview.mutate(form)
    else if (typed === 'purge') purge.mutate(form)
  }
  return (
    <Dialog open onClose={busy ? undefined : onClose} maxWidth="sm" fullWidth aria-labelledby="purge-title">
      <Box component="form" onSubmit={submit} noValidate>
        <DialogTitle id="purge-title" variant="h1" sx={{ pb: 0.5 }}>
          Purge caches
        </DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2 }}>
          <Typography variant="body2" sx={{ color: 'text.secondary' }}>
            Makes entries stale in memory, Redis, the gateway’s HTTP cache and the edge. The first step only
            looks.
          </Typography>
          <PurgeFields
            form={form}
            keyspaces={keyspaces}
            problem={problem}
            disabled={busy}
            onChange={change}
          />
          <Box aria-live="polite" sx={{ display: 'grid', gap: 2, '&:empty': { display: 'none' } }}>
            {error === null ? null : <Failed error={error} />}
            {done ? (
              <PurgeReport report={purge.data} />
            ) : looked ? (
              <PurgeReport report={preview.data} />
            ) : null}
          </Box>
          {looked && !done ? (
            <>
              <Consequence effect="destructive" />
              <TypeToConfirm word="purge" typed={typed} onChange={setTyped} />
            </>
          ) : null}
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2 }}>
          <Button color="inherit" onClick={onClose} disabled={busy}>
            {done ? 'Close' : 'Cancel'}
          </Button>
          {done ? null : looked ? (
            <Button
              type="submit"
              variant="contained"
              color="error"
              disabled={typed !== 'purge'}
              loading={purge.isPending}
            >
              Purge
            </Button>
          ) : (
            <Button type="submit" variant="contained" loading={preview.isPending}>
              Show what would go
            </Button>
          )}
        </DialogActions>
      </Box>
    </Dialog>
  )
}
