import {
  Box,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  LinearProgress,
  Typography,
} from '@mui/material'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ApiError, CapabilityAction } from '@millrace/api-client'
import { useId, useState, type FormEvent, type ReactNode } from 'react'
import { runAction, toApiError, type ActionResult } from '../api/client.ts'
import { useProgress, type Progress } from '../api/live-events.tsx'
import { Failed } from '../ui/states.tsx'
import { Consequence, TypeToConfirm } from './confirmation.tsx'
import { JsonView } from './json-view.tsx'
import { initialValue, validate, type JsonSchema, type Problems } from './json-schema.ts'
import { SchemaForm } from './schema-form.tsx'

/** The action that takes another one back. */
export interface Undo {
  action: string
  input: Record<string, unknown>
}

export interface ActionDialogProps {
  capability: string
  action: CapabilityAction
  /** Filled in already: the pool of a row, for example. */
  input?: Record<string, unknown>
  /** Offered once it has run. */
  undo?: Undo
  onClose: () => void
}

const BUTTON: Record<CapabilityAction['effect'], { label: string; color: 'primary' | 'warning' | 'error' }> =
  {
    read: { label: 'Run', color: 'primary' },
    write: { label: 'Run', color: 'warning' },
    destructive: { label: 'Run', color: 'error' },
  }

/** Form, confirmation as strong as the effect, and the answer, for any action of any capability. */
export function ActionDialog({ capability, action, input, undo, onClose }: ActionDialogProps): ReactNode {
  const queries = useQueryClient()
  const schema = action.inputSchema as JsonSchema
  const [value, setValue] = useState<Record<string, unknown>>(() => ({
    ...(initialValue(schema) as Record<string, unknown> | undefined),
    ...input,
  }))
  const [problems, setProblems] = useState<Problems>({})
  const [typed, setTyped] = useState('')
  const [openedAt] = useState(() => Date.now().toString(36))
  const runId = `${useId().replaceAll(/\W/g, '')}-${openedAt}`
  const progress = useProgress(runId)
  const run = useMutation<ActionResult, ApiError, Record<string, unknown>>({
    mutationFn: (body) =>
      runAction(capability, action.name, body, runId).catch((error: unknown) =>
        Promise.reject(toApiError(error)),
      ),
    onSettled: () => {
      setTyped('')
      if (action.effect !== 'read') void queries.invalidateQueries()
    },
  })
  const takeBack = useMutation<ActionResult, ApiError, Undo>({
    mutationFn: (what) =>
      runAction(capability, what.action, what.input, `${runId}-undo`).catch((error: unknown) =>
        Promise.reject(toApiError(error)),
      ),
    onSuccess: onClose,
    onSettled: () => void queries.invalidateQueries(),
  })
  const word = action.name
  const confirmed = action.effect !== 'destructive' || typed === word
  const fields = Object.keys(schema.properties ?? {}).length

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const found = validate(value, schema)
    setProblems(found)
    if (Object.keys(found).length === 0 && confirmed && !run.isPending) run.mutate(value)
  }
  const { label, color } = BUTTON[action.effect]
  return (
    <Dialog
      open
      onClose={run.isPending ? undefined : onClose}
      maxWidth="sm"
      fullWidth
      aria-labelledby="action-title"
    >
      <Box component="form" onSubmit={submit} noValidate>
        <DialogTitle id="action-title" variant="h1" sx={{ pb: 0.5 }}>
          {action.title}
        </DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2 }}>
          <Typography variant="body2" sx={{ color: 'text.secondary' }}>
            {action.description}
          </Typography>
          <Consequence effect={action.effect} />
          {fields === 0 ? null : (
            <SchemaForm
              schema={schema}
              value={value}
              problems={problems}
              onChange={(next) => setValue(next as Record<string, unknown>)}
            />
          )}
          {action.effect !== 'destructive' ? null : (
            <TypeToConfirm word={word} typed={typed} onChange={setTyped} />
          )}
          <Box aria-live="polite">
            {run.isPending ? <RunProgress progress={progress} /> : null}
            {run.error === null ? null : <Failed error={run.error} />}
            {run.data === undefined ? null : <ActionAnswer answer={run.data} />}
            {takeBack.error === null ? null : <Failed error={takeBack.error} />}
          </Box>
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2 }}>
          {undo === undefined || !run.isSuccess ? null : (
            <Button
              color="inherit"
              sx={{ mr: 'auto' }}
              loading={takeBack.isPending}
              onClick={() => takeBack.mutate(undo)}
            >
              Undo
            </Button>
          )}
          <Button color="inherit" onClick={onClose} disabled={run.isPending || takeBack.isPending}>
            {run.isSuccess ? 'Close' : 'Cancel'}
          </Button>
          <Button
            type="submit"
            variant="contained"
            color={color}
            disabled={!confirmed}
            loading={run.isPending}
          >
            {run.isSuccess ? 'Run again' : label}
          </Button>
        </DialogActions>
      </Box>
    </Dialog>
  )
}

/** Long work says how far it is; short work only that it runs. */
function RunProgress({ progress }: { progress: Progress | undefined }): ReactNode {
  const known = progress !== undefined
  return (
    <Box>
      <LinearProgress
        aria-label="Running"
        variant={known ? 'determinate' : 'indeterminate'}
        value={known ? progress.fraction * 100 : 0}
      />
      <Typography variant="caption" sx={{ color: 'text.secondary' }}>
        {progress?.message ?? ''}
      </Typography>
    </Box>
  )
}

function ActionAnswer({ answer }: { answer: ActionResult }): ReactNode {
  return (
    <Box sx={{ display: 'grid', gap: 1 }}>
      <Typography variant="body2" sx={{ color: 'success.main' }}>
        Done in {Math.round(answer.durationMs)} ms
        {answer.auditId === undefined ? '' : ` · audit entry ${answer.auditId}`}
      </Typography>
      <JsonView value={answer.result} label="Result" />
    </Box>
  )
}
