import {
  Box,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  Tooltip,
} from '@mui/material'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { unwrap, type ApiError, type Capability, type Settings } from '@millrace/api-client'
import { useState, type FormEvent, type ReactNode } from 'react'
import { client, readSignal, toApiError } from '../api/client.ts'
import { validate, type JsonSchema, type Problems } from '../forms/json-schema.ts'
import { SchemaForm } from '../forms/schema-form.tsx'
import { useSession } from '../session/session.tsx'
import { Failed } from '../ui/states.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { schemaAt } from './config-table.tsx'
import { showValue } from './flatten.ts'

type Setting = Settings['settings'][number]

/** A setting's path starts with its capability: `cache.defaultTtlMs`. */
function schemaOf(setting: Setting, capabilities: readonly Capability[]): JsonSchema {
  const [name, ...rest] = setting.path.split('.')
  const config = capabilities.find((capability) => capability.name === name)?.config.schema as
    JsonSchema | undefined
  const found = config === undefined ? undefined : schemaAt(config, rest.join('.'))
  return { ...(found ?? schemaLike(setting.configured)), title: setting.title ?? setting.path }
}

/** The control plane's own settings come without a schema: the configured value says what kind of value it is. */
function schemaLike(value: unknown): JsonSchema {
  const type = typeof value
  return type === 'number' || type === 'boolean' || type === 'string' ? { type } : {}
}

const WIDE_ONLY = { display: { xs: 'none', sm: 'table-cell' } } as const

export function LiveSettings({
  settings,
  capabilities,
}: {
  settings: readonly Setting[]
  capabilities: readonly Capability[]
}): ReactNode {
  const { can } = useSession()
  const [editing, setEditing] = useState<Setting>()
  const allowed = can('destructive')
  return (
    <>
      <TableFrame label="Live settings">
        <TableHead>
          <TableRow>
            <TableCell>Setting</TableCell>
            <TableCell>Value</TableCell>
            <TableCell sx={WIDE_ONLY}>Configured</TableCell>
            <TableCell />
          </TableRow>
        </TableHead>
        <TableBody>
          {settings.map((setting) => (
            <TableRow key={setting.path}>
              <TableCell>
                {setting.title ?? <code>{setting.path}</code>}
                <Box
                  sx={{
                    color: 'text.secondary',
                    fontSize: '0.75rem',
                    overflowWrap: 'anywhere',
                    minWidth: 120,
                  }}
                >
                  {setting.description ?? setting.path}
                </Box>
              </TableCell>
              <TableCell>
                <code>{showValue(setting.value)}</code>
              </TableCell>
              <TableCell sx={{ ...WIDE_ONLY, color: 'text.secondary' }}>
                {setting.stored ? <code>{showValue(setting.configured)}</code> : 'the same'}
              </TableCell>
              <TableCell align="right">
                <Tooltip title={allowed ? '' : 'Needs the role administrator.'}>
                  <span>
                    <Button
                      disabled={!allowed}
                      aria-label={`Change ${setting.title ?? setting.path}`}
                      onClick={() => setEditing(setting)}
                    >
                      Change
                    </Button>
                  </span>
                </Tooltip>
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </TableFrame>
      {editing === undefined ? null : (
        <SettingDialog
          setting={editing}
          schema={schemaOf(editing, capabilities)}
          onClose={() => setEditing(undefined)}
        />
      )}
    </>
  )
}

function SettingDialog({
  setting,
  schema,
  onClose,
}: {
  setting: Setting
  schema: JsonSchema
  onClose: () => void
}): ReactNode {
  const queries = useQueryClient()
  const form: JsonSchema = { type: 'object', properties: { value: schema }, required: ['value'] }
  const [value, setValue] = useState<unknown>({ value: setting.value })
  const [problems, setProblems] = useState<Problems>({})
  const save = useMutation<Settings, ApiError, unknown>({
    mutationFn: (next) =>
      unwrap(
        client.PUT('/api/performance/settings', { body: { [setting.path]: next }, signal: readSignal() }),
      ).catch((error: unknown) => Promise.reject(toApiError(error))),
    onSuccess: (saved) => {
      queries.setQueryData(['settings'], saved)
      void queries.invalidateQueries({ queryKey: ['capabilities'] })
      onClose()
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const found = validate(value, form)
    setProblems(found)
    if (Object.keys(found).length === 0) save.mutate((value as { value: unknown }).value)
  }
  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth aria-labelledby="setting-title">
      <Box component="form" onSubmit={submit} noValidate>
        <DialogTitle id="setting-title" variant="h1">
          {setting.title ?? setting.path}
        </DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2, '&&': { pt: 1 } }}>
          <SchemaForm schema={form} value={value} problems={problems} onChange={setValue} />
          {save.error === null ? null : <Failed error={save.error} />}
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2 }}>
          {setting.stored ? (
            <Button
              color="inherit"
              loading={save.isPending}
              onClick={() => save.mutate(null)}
              sx={{ mr: 'auto' }}
            >
              Back to {showValue(setting.configured)}
            </Button>
          ) : null}
          <Button color="inherit" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" variant="contained" loading={save.isPending}>
            Save
          </Button>
        </DialogActions>
      </Box>
    </Dialog>
  )
}
