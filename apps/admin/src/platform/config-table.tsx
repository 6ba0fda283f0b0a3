import { Box, Chip, Paper, TableBody, TableCell, TableHead, TableRow } from '@mui/material'
import type { Capability } from '@millrace/api-client'
import type { ReactNode } from 'react'
import type { JsonSchema } from '../forms/json-schema.ts'
import { Empty } from '../ui/states.tsx'
import { TableFrame } from '../ui/table-frame.tsx'
import { flatten, showValue } from './flatten.ts'

/** The schema of a path, as far as it goes through plain objects. */
export function schemaAt(schema: JsonSchema, path: string): JsonSchema | undefined {
  return path.split('.').reduce<JsonSchema | undefined>((at, key) => at?.properties?.[key], schema)
}

/** Origins may be keyed by the whole path or by the path below the capability. */
const originOf = (origins: Record<string, string>, capability: string, path: string): string =>
  origins[path] ?? origins[`${capability}.${path}`] ?? 'default'

/** Every value with its origin and what it means. */
export function ConfigTable({
  capability,
  config,
}: {
  capability: string
  config: Capability['config']
}): ReactNode {
  const leaves = flatten(config.values)
  const live = new Set(config.live)
  if (leaves.length === 0) {
    return (
      <Paper>
        <Empty title="Nothing to configure" />
      </Paper>
    )
  }
  return (
    <TableFrame label={`Configuration of ${capability}`}>
      <TableHead>
        <TableRow>
          <TableCell>Setting</TableCell>
          <TableCell>Value</TableCell>
          <TableCell>From</TableCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {leaves.map(({ path, value }) => {
          const schema = schemaAt(config.schema as JsonSchema, path)
          const origin = originOf(config.origins, capability, path)
          const changes = live.has(path) || live.has(`${capability}.${path}`)
          return (
            <TableRow key={path}>
              <TableCell sx={{ verticalAlign: 'top' }}>
                <code>{path}</code>
                {changes ? (
                  <Chip label="live" variant="outlined" sx={{ ml: 1, height: 18, fontSize: '0.6875rem' }} />
                ) : null}
                <Box sx={{ color: 'text.secondary', fontSize: '0.75rem' }}>
                  {[schema?.title, schema?.description].filter(Boolean).join('. ')}
                </Box>
              </TableCell>
              <TableCell sx={{ verticalAlign: 'top', overflowWrap: 'anywhere' }}>
                <code>{showValue(value)}</code>
              </TableCell>
              <TableCell
                sx={{
                  verticalAlign: 'top',
                  whiteSpace: 'nowrap',
                  color: origin === 'default' ? 'text.secondary' : 'primary.main',
                }}
              >
                {origin}
              </TableCell>
            </TableRow>
          )
        })}
      </TableBody>
    </TableFrame>
  )
}
