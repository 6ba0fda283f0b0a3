import { Box, FormControlLabel, FormHelperText, MenuItem, Switch, TextField, Typography } from '@mui/material'
import { useState, type ReactNode } from 'react'
import { MONO } from '../app/theme.ts'
import { fieldKind, type JsonSchema, type Problems } from './json-schema.ts'

interface FieldProps {
  name: string
  path: string
  schema: JsonSchema
  required: boolean
  value: unknown
  problems: Problems
  onChange: (value: unknown) => void
}

/** `minInstances` → `Min instances`, when the schema has no title. */
const labelOf = (name: string, schema: JsonSchema): string =>
  schema.title ??
  name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/^./, (first) => first.toUpperCase())
    .replace(/ [A-Z](?=[a-z])/g, (word) => word.toLowerCase())

/** A form made from a JSON schema: what has no input of its own is written as JSON. */
export function SchemaForm({
  schema,
  value,
  problems,
  onChange,
}: Pick<FieldProps, 'schema' | 'value' | 'problems' | 'onChange'>): ReactNode {
  const properties = Object.entries(schema.properties ?? {})
  const record = (value ?? {}) as Record<string, unknown>
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      {properties.map(([name, property]) => (
        <Field
          key={name}
          name={name}
          path={name}
          schema={property}
          required={schema.required?.includes(name) ?? false}
          value={record[name]}
          problems={problems}
          onChange={(next) => onChange(withKey(record, name, next))}
        />
      ))}
    </Box>
  )
}

function withKey(record: Record<string, unknown>, name: string, value: unknown): Record<string, unknown> {
  const next = { ...record, [name]: value }
  if (value === undefined) delete next[name]
  return next
}

const nonEmpty = (record: Record<string, unknown>): Record<string, unknown> | undefined =>
  Object.keys(record).length === 0 ? undefined : record

function Field(props: FieldProps): ReactNode {
  switch (fieldKind(props.schema)) {
    case 'boolean':
      return <BooleanField {...props} />
    case 'choice':
      return <ChoiceField {...props} />
    case 'object':
      return <ObjectField {...props} />
    case 'list':
      return <ListField {...props} />
    case 'json':
      return <JsonField {...props} />
    default:
      return <TextualField {...props} />
  }
}

const helper = ({ problems, path, schema }: FieldProps): string | undefined =>
  problems[path] ?? schema.description

function TextualField(props: FieldProps): ReactNode {
  const { name, path, schema, required, value, problems, onChange } = props
  const numeric = fieldKind(schema) === 'number'
  const secret = schema.format === 'password' || schema.format === 'current-password'
  const read = (text: string): unknown => (text === '' ? undefined : numeric ? Number(text) : text)
  return (
    <TextField
      label={labelOf(name, schema)}
      name={path}
      type={numeric ? 'number' : secret ? 'password' : 'text'}
      required={required}
      value={value ?? ''}
      error={problems[path] !== undefined}
      helperText={helper(props)}
      onChange={(event) => onChange(read(event.target.value))}
      slotProps={{
        htmlInput: {
          autoComplete: secret ? (schema.format === 'password' ? 'new-password' : 'current-password') : 'off',
          step: schema.type === 'integer' ? 1 : 'any',
        },
      }}
    />
  )
}

function BooleanField(props: FieldProps): ReactNode {
  const { name, schema, value, onChange } = props
  return (
    <Box>
      <FormControlLabel
        control={
          <Switch
            size="small"
            checked={value === true}
            onChange={(event) =>
              onChange(event.target.checked || (schema.const === true ? undefined : false))
            }
          />
        }
        label={labelOf(name, schema)}
      />
      {schema.description === undefined ? null : <FormHelperText>{schema.description}</FormHelperText>}
    </Box>
  )
}

function ChoiceField(props: FieldProps): ReactNode {
  const { name, path, schema, required, value, problems, onChange } = props
  return (
    <TextField
      select
      label={labelOf(name, schema)}
      required={required}
      value={value === undefined ? '' : JSON.stringify(value)}
      error={problems[path] !== undefined}
      helperText={helper(props)}
      onChange={(event) =>
        onChange(event.target.value === '' ? undefined : (JSON.parse(event.target.value) as unknown))
      }
    >
      {required ? null : <MenuItem value="">not set</MenuItem>}
      {(schema.enum ?? []).map((choice) => (
        <MenuItem key={String(choice)} value={JSON.stringify(choice)}>
          {String(choice)}
        </MenuItem>
      ))}
    </TextField>
  )
}

function ObjectField({ name, path, schema, value, problems, onChange }: FieldProps): ReactNode {
  const record = (value ?? {}) as Record<string, unknown>
  return (
    <Box
      component="fieldset"
      sx={{
        border: 1,
        borderColor: 'divider',
        borderRadius: 1,
        p: 1.5,
        m: 0,
        display: 'grid',
        gap: 2,
        minWidth: 0,
      }}
    >
      <Typography component="legend" variant="h3" sx={{ px: 0.5 }}>
        {labelOf(name, schema)}
      </Typography>
      {Object.entries(schema.properties ?? {}).map(([key, property]) => (
        <Field
          key={key}
          name={key}
          path={`${path}.${key}`}
          schema={property}
          required={schema.required?.includes(key) ?? false}
          value={record[key]}
          problems={problems}
          onChange={(next) => onChange(nonEmpty(withKey(record, key, next)))}
        />
      ))}
    </Box>
  )
}

/** One text per line. */
function ListField(props: FieldProps): ReactNode {
  const { name, path, schema, required, value, problems, onChange } = props
  const [text, setText] = useState(() => (Array.isArray(value) ? value.join('\n') : ''))
  return (
    <TextField
      label={labelOf(name, schema)}
      required={required}
      multiline
      minRows={2}
      maxRows={8}
      value={text}
      error={problems[path] !== undefined}
      helperText={problems[path] ?? `${schema.description ?? ''} One per line.`.trim()}
      onChange={(event) => {
        setText(event.target.value)
        const lines = event.target.value
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== '')
        onChange(lines.length === 0 ? undefined : lines)
      }}
    />
  )
}

function JsonField(props: FieldProps): ReactNode {
  const { name, path, schema, required, value, problems, onChange } = props
  const [text, setText] = useState(() => (value === undefined ? '' : JSON.stringify(value, null, 2)))
  const [broken, setBroken] = useState(false)
  const read = (next: string): void => {
    setText(next)
    try {
      onChange(next.trim() === '' ? undefined : (JSON.parse(next) as unknown))
      setBroken(false)
    } catch {
      // Half-typed JSON is normal: the last whole value stays until the text is whole again.
      setBroken(true)
    }
  }
  return (
    <TextField
      label={`${labelOf(name, schema)} (JSON)`}
      required={required}
      multiline
      minRows={2}
      maxRows={12}
      value={text}
      error={broken || problems[path] !== undefined}
      helperText={broken ? 'not valid JSON yet' : helper(props)}
      onChange={(event) => read(event.target.value)}
      slotProps={{ htmlInput: { spellCheck: false, style: { fontFamily: MONO, fontSize: 12 } } }}
    />
  )
}
