import { Button, Tooltip } from '@mui/material'
import type { CapabilityAction } from '@millrace/api-client'
import type { ReactNode } from 'react'
import { roleFor, useSession } from '../session/session.tsx'
import type { Undo } from './action-dialog.tsx'
import { useOpenAction } from './action-host.tsx'

interface ActionButtonProps {
  capability: string
  action: CapabilityAction
  input?: Record<string, unknown>
  /** Default: the action's title. */
  children?: ReactNode
  label?: string
  /** What takes it back, offered with its result. */
  undo?: Undo
}

/** Opens the dialog of an action; greyed out, with the reason, for a role that the server would refuse. */
export function ActionButton(props: ActionButtonProps): ReactNode {
  const { capability, action, input, children, label, undo } = props
  const { can, user } = useSession()
  const open = useOpenAction()
  const allowed = can(action.effect)
  const reason = allowed
    ? action.description
    : `Needs the role ${roleFor(action.effect)}; you are ${user.role}.`
  return (
    <Tooltip title={reason}>
      {/* A disabled button has no events, so the tooltip needs something around it. */}
      <span>
        <Button
          variant="outlined"
          color={action.effect === 'destructive' ? 'error' : 'inherit'}
          disabled={!allowed}
          aria-label={label}
          onClick={() =>
            open({
              capability,
              action,
              ...(input === undefined ? {} : { input }),
              ...(undo === undefined ? {} : { undo }),
            })
          }
          sx={{ borderColor: 'divider', whiteSpace: 'nowrap' }}
        >
          {children ?? action.title}
        </Button>
      </span>
    </Tooltip>
  )
}
