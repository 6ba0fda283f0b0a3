import { Box, Button, Dialog, DialogActions, DialogContent, DialogTitle, Typography } from '@mui/material'
import { useMutation } from '@tanstack/react-query'
import type { ApiError } from '@millrace/api-client'
import { useState, type FormEvent, type ReactNode } from 'react'
import { toApiError } from '../api/client.ts'
import { Failed } from '../ui/states.tsx'
import { validate, type JsonSchema, type Problems } from './json-schema.ts'
import { SchemaForm } from './schema-form.tsx'

type Values = Record<string, unknown>

export interface FormDialogProps {
  title: string
  description?: ReactNode
  /** An object schema; without properties the dialog is a plain confirmation. */
  schema: JsonSchema
  initial?: Values
  submit: string
  /** Red: what is done cannot be taken back. */
  danger?: boolean
  /** Further buttons, at the left. */
  extra?: ReactNode
  onSubmit: (values: Values) => Promise<unknown>
  onClose: () => void
}

/** Asks, checks, sends; stays open with the problem when it fails and closes when it worked. */
export function FormDialog(props: FormDialogProps): ReactNode {
  const { title, description, schema, initial = {}, submit, danger = false, extra, onSubmit, onClose } = props
  const [values, setValues] = useState<Values>(initial)
  const [problems, setProblems] = useState<Problems>({})
  const send = useMutation<unknown, ApiError, Values>({
    mutationFn: (given) => onSubmit(given).catch((error: unknown) => Promise.reject(toApiError(error))),
    onSuccess: onClose,
  })
  const onFormSubmit = (event: FormEvent): void => {
    event.preventDefault()
    const found = validate(values, schema)
    setProblems(found)
    if (Object.keys(found).length === 0 && !send.isPending) send.mutate(values)
  }
  return (
    <Dialog
      open
      onClose={send.isPending ? undefined : onClose}
      maxWidth="xs"
      fullWidth
      aria-labelledby="form-title"
    >
      <Box component="form" onSubmit={onFormSubmit} noValidate>
        <DialogTitle id="form-title" variant="h1">
          {title}
        </DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2, '&&': { pt: 1 } }}>
          {description === undefined ? null : (
            <Typography variant="body2" component="div" sx={{ color: 'text.secondary' }}>
              {description}
            </Typography>
          )}
          <SchemaForm
            schema={schema}
            value={values}
            problems={problems}
            onChange={(next) => setValues(next as Values)}
          />
          <div aria-live="polite">{send.error === null ? null : <Failed error={send.error} />}</div>
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2 }}>
          {extra === undefined ? null : <Box sx={{ mr: 'auto' }}>{extra}</Box>}
          <Button color="inherit" onClick={onClose} disabled={send.isPending}>
            Cancel
          </Button>
          <Button
            type="submit"
            variant="contained"
            color={danger ? 'error' : 'primary'}
            loading={send.isPending}
          >
            {submit}
          </Button>
        </DialogActions>
      </Box>
    </Dialog>
  )
}
