import { Box, FormControlLabel, FormHelperText, MenuItem, Switch, TextField } from '@mui/material'
import type { ReactNode } from 'react'
import { isAddress, isScope, PURGE_SCOPES, type PurgeForm, type PurgeScopeName } from './purge-form.ts'

interface PurgeFieldsProps {
  form: PurgeForm
  keyspaces: readonly string[]
  problem: string | undefined
  disabled: boolean
  onChange: (form: PurgeForm) => void
}

const SCOPES = Object.entries(PURGE_SCOPES) as [PurgeScopeName, (typeof PURGE_SCOPES)[PurgeScopeName]][]

/** What is to be purged, and in which caches. */
export function PurgeFields({ form, keyspaces, problem, disabled, onChange }: PurgeFieldsProps): ReactNode {
  const { field, placeholder } = PURGE_SCOPES[form.scope]
  const set = (part: Partial<PurgeForm>): void => onChange({ ...form, ...part })
  const named = form.keyspace === '' || keyspaces.includes(form.keyspace)
  return (
    <Box sx={{ display: 'grid', gap: 2, pt: 0.5 }}>
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr' } }}>
        <TextField
          select
          label="What"
          value={form.scope}
          disabled={disabled}
          onChange={(event) => isScope(event.target.value) && set({ scope: event.target.value })}
        >
          {SCOPES.map(([name, { title }]) => (
            <MenuItem key={name} value={name}>
              {title}
            </MenuItem>
          ))}
        </TextField>
        {isAddress(form.scope) ? null : (
          <TextField
            select
            label="In which caches"
            value={form.keyspace}
            disabled={disabled}
            onChange={(event) => set({ keyspace: event.target.value })}
            slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
          >
            <MenuItem value="">Every one</MenuItem>
            {[...keyspaces, ...(named ? [] : [form.keyspace])].map((name) => (
              <MenuItem key={name} value={name}>
                {name}
              </MenuItem>
            ))}
          </TextField>
        )}
      </Box>
      {form.scope === 'all' ? null : (
        <TextField
          label={field}
          value={form.value}
          placeholder={placeholder}
          disabled={disabled}
          error={problem !== undefined && (form.scope !== 'key' || form.value.trim() === '')}
          helperText={form.scope === 'key' && form.value.trim() !== '' ? undefined : problem}
          onChange={(event) => set({ value: event.target.value })}
          slotProps={{ htmlInput: { autoComplete: 'off', spellCheck: false } }}
        />
      )}
      {form.scope === 'key' ? (
        <TextField
          label="Identifier"
          value={form.id}
          disabled={disabled}
          error={problem !== undefined && form.value.trim() !== ''}
          helperText={form.value.trim() === '' ? undefined : problem}
          onChange={(event) => set({ id: event.target.value })}
          slotProps={{ htmlInput: { autoComplete: 'off', spellCheck: false } }}
        />
      ) : null}
      {isAddress(form.scope) || form.scope === 'tags' || form.scope === 'all' ? (
        <Box>
          <FormControlLabel
            control={
              <Switch
                size="small"
                checked={form.soft}
                disabled={disabled}
                onChange={(event) => set({ soft: event.target.checked })}
              />
            }
            label="Pages and files: mark as stale only"
          />
          <FormHelperText>They are served until the application has answered anew.</FormHelperText>
        </Box>
      ) : null}
    </Box>
  )
}
