import { Box } from '@mui/material'
import type { ReactNode } from 'react'
import { ActionButton } from '../../forms/action-button.tsx'
import type { Undo } from '../../forms/action-dialog.tsx'
import type { Gateway } from './gateway-screen.tsx'
import type { Split } from './queries.ts'

interface SplitButton {
  action: string
  text: string
  input: Record<string, unknown>
  undo?: Undo
}

/** What may be done about a split in its state. */
export function splitButtons(split: Split): SplitButton[] {
  const input = { split: split.name }
  const back: Undo = { action: 'canary-rollback', input }
  const button = (action: string, text: string, undo?: Undo): SplitButton => ({
    action,
    text,
    input,
    ...(undo === undefined ? {} : { undo }),
  })
  if (split.kind === 'blue-green') {
    const idle = split.parts.filter(({ share }) => share < 100)
    return [
      ...idle.map(({ application }) => ({
        action: 'switch',
        text: `Switch to ${application}…`,
        input: { ...input, to: application },
        undo: back,
      })),
      ...(split.previous === undefined ? [] : [button('canary-rollback', 'Roll back…')]),
    ]
  }
  if (split.canary === undefined) return []
  const start = button('canary-start', split.canary.state === 'paused' ? 'Go on…' : 'Start…', back)
  const pause = button('canary-pause', 'Pause…', { action: 'canary-start', input })
  const promote = button('canary-promote', 'Promote…', back)
  const rollback = button('canary-rollback', 'Roll back…')
  switch (split.canary.state) {
    case 'running':
      return [pause, promote, rollback]
    case 'paused':
      return [start, promote, rollback]
    case 'promoted':
      return [rollback]
    default:
      return [start, promote]
  }
}

export function SplitActions({ split, action }: { split: Split; action: Gateway['action'] }): ReactNode {
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
      {splitButtons(split).map(({ action: name, text, input, undo }) => {
        const found = action(name)
        return found === undefined ? null : (
          <ActionButton
            key={text}
            capability="gateway"
            action={found}
            input={input}
            label={`${text.replace('…', '')} (${split.name})`}
            {...(undo === undefined ? {} : { undo })}
          >
            {text}
          </ActionButton>
        )
      })}
    </Box>
  )
}
