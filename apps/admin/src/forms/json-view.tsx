import { Box, Button } from '@mui/material'
import { MONO } from '../app/theme.ts'
import { useState, type ReactNode } from 'react'

// Beyond this the browser would only be busy laying out text that nobody reads.
const MAX_CHARACTERS = 20_000

/** JSON as text, with a button that copies all of it. */
export function JsonView({
  value,
  label,
  maxHeight = 280,
}: {
  value: unknown
  label: string
  maxHeight?: number
}): ReactNode {
  const [copied, setCopied] = useState(false)
  const text = JSON.stringify(value, null, 2) ?? 'null'
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true))
  }
  return (
    <Box sx={{ position: 'relative' }}>
      <Box
        component="section"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        aria-label={label}
        sx={{
          m: 0,
          p: 1.5,
          bgcolor: 'background.default',
          border: 1,
          borderColor: 'divider',
          borderRadius: 1,
          maxHeight,
          overflow: 'auto',
          fontSize: '0.75rem',
          whiteSpace: 'pre-wrap',
          fontFamily: MONO,
        }}
      >
        {text.length > MAX_CHARACTERS
          ? `${text.slice(0, MAX_CHARACTERS)}\n… ${text.length - MAX_CHARACTERS} more characters: copy them`
          : text}
      </Box>
      <Button
        color="inherit"
        onClick={copy}
        sx={{ position: 'absolute', top: 4, right: 12, minWidth: 0, bgcolor: 'background.paper' }}
      >
        {copied ? 'Copied' : 'Copy'}
      </Button>
    </Box>
  )
}
