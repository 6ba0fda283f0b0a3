import { Box, Button, Divider, Popover, TextField, Typography } from '@mui/material'
import { useState, type FormEvent, type ReactNode } from 'react'
import { describeDuration, parseDuration } from './duration.ts'
import { fromLocalInput, toLocalInput } from './instant.ts'
import { RELATIVE_RANGES, type TimeRange } from './range.ts'
import { useTime } from './time-context.tsx'

interface PickerProps {
  anchor: HTMLElement
  onClose: () => void
}

/** Relative ranges as buttons, any duration as text, any two instants as dates. */
export function TimePicker({ anchor, onClose }: PickerProps): ReactNode {
  return (
    <Popover
      open
      anchorEl={anchor}
      onClose={onClose}
      anchorOrigin={{ vertical: 'bottom', horizontal: 'left' }}
      slotProps={{
        paper: {
          role: 'dialog',
          'aria-label': 'Choose the time range',
          sx: { mt: 0.5, p: 2, width: 330, maxWidth: 'calc(100vw - 24px)' },
        },
      }}
    >
      <PickerForm onClose={onClose} />
    </Popover>
  )
}

function PickerForm({ onClose }: { onClose: () => void }): ReactNode {
  const time = useTime()
  const choose = (range: TimeRange): void => {
    time.setRange(range)
    onClose()
  }
  return (
    <Box sx={{ display: 'grid', gap: 1.5 }}>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(4, 1fr)', gap: 0.75 }}>
        {RELATIVE_RANGES.map((text) => {
          const spanMs = parseDuration(text)!
          const present = time.range.kind === 'relative' && time.range.spanMs === spanMs
          return (
            <Button
              key={text}
              variant={present ? 'contained' : 'outlined'}
              aria-label={`Last ${describeDuration(spanMs)}`}
              onClick={() => choose({ kind: 'relative', spanMs })}
              sx={{ minWidth: 0 }}
            >
              {text}
            </Button>
          )
        })}
      </Box>
      <DurationForm onChoose={(spanMs) => choose({ kind: 'relative', spanMs })} />
      <Divider />
      <InstantsForm onChoose={(from, to) => choose({ kind: 'absolute', from, to })} />
      <Typography variant="caption" sx={{ color: 'text.secondary' }}>
        Or drag over a chart. Times are those of this computer.
      </Typography>
    </Box>
  )
}

function DurationForm({ onChoose }: { onChoose: (spanMs: number) => void }): ReactNode {
  const [text, setText] = useState('')
  const spanMs = parseDuration(text.replaceAll(/\s/g, ''))
  const wrong = text !== '' && spanMs === undefined
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (spanMs !== undefined) onChoose(spanMs)
  }
  return (
    <Box component="form" onSubmit={submit} sx={{ display: 'flex', gap: 1, alignItems: 'start' }}>
      <TextField
        label="Last …"
        placeholder="90m, 1h30m, 3d"
        value={text}
        onChange={(event) => setText(event.target.value)}
        error={wrong}
        helperText={wrong ? '10s to 400d: 45s, 90m, 1h30m, 3d' : undefined}
        sx={{ flexGrow: 1 }}
      />
      <Button type="submit" variant="outlined" size="medium" disabled={spanMs === undefined}>
        Apply
      </Button>
    </Box>
  )
}

function InstantsForm({ onChoose }: { onChoose: (from: number, to: number) => void }): ReactNode {
  const time = useTime()
  const [from, setFrom] = useState(() => toLocalInput(time.window.from))
  const [to, setTo] = useState(() => toLocalInput(time.window.to))
  const start = fromLocalInput(from)
  const end = fromLocalInput(to)
  const valid = start !== undefined && end !== undefined && end > start
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (valid) onChoose(start, end)
  }
  const field = (label: string, value: string, change: (value: string) => void): ReactNode => (
    <TextField
      label={label}
      type="datetime-local"
      value={value}
      onChange={(event) => change(event.target.value)}
      error={!valid}
      slotProps={{ htmlInput: { step: 1 }, inputLabel: { shrink: true } }}
    />
  )
  return (
    <Box component="form" onSubmit={submit} sx={{ display: 'grid', gap: 1.5 }}>
      {field('From', from, setFrom)}
      {field('To', to, setTo)}
      <Button type="submit" variant="outlined" size="medium" disabled={!valid}>
        {valid ? 'Show this range' : 'The end must be after the start'}
      </Button>
    </Box>
  )
}
