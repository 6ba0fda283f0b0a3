import { Box, Button, TableBody, TableCell, TableHead, TableRow, Tooltip } from '@mui/material'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { unwrap, type Capability, type Settings } from '@millrace/api-client'
import { useState, type ReactNode } from 'react'
import { client, readSignal } from '../api/client.ts'
import { FormDialog } from '../forms/form-dialog.tsx'
import type { JsonSchema } from '../forms/json-schema.ts'
import { useSession } from '../session/session.tsx'
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
  // null takes the stored value back.
  const save = async (value: unknown): Promise<void> => {
    const body = { [setting.path]: value }
    const saved = await unwrap(client.PUT('/api/performance/settings', { body, signal: readSignal() }))
    queries.setQueryData(['settings'], saved)
    void queries.invalidateQueries({ queryKey: ['capabilities'] })
  }
  const back = useMutation({ mutationFn: () => save(null), onSuccess: onClose })
  return (
    <FormDialog
      title={setting.title ?? setting.path}
      schema={{ type: 'object', properties: { value: schema }, required: ['value'] }}
      initial={{ value: setting.value }}
      submit="Save"
      extra={
        setting.stored ? (
          <Button color="inherit" loading={back.isPending} onClick={() => back.mutate()}>
            Back to {showValue(setting.configured)}
          </Button>
        ) : undefined
      }
      onSubmit={({ value }) => save(value)}
      onClose={onClose}
    />
  )
}
