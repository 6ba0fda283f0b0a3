import { Button, Tooltip } from '@mui/material'
import type { ReactNode } from 'react'
import { roleFor, useSession } from '../../../session/session.tsx'

/** Opens the dialog; greyed out, with the reason, for a role that the server would refuse. */
export function PurgeButton({ onClick }: { onClick: () => void }): ReactNode {
  const { can, user } = useSession()
  const allowed = can('destructive')
  const reason = allowed
    ? 'Choose what, look at what would go, then confirm.'
    : `Needs the role ${roleFor('destructive')}; you are ${user.role}.`
  return (
    <Tooltip title={reason}>
      {/* A disabled button has no events, so the tooltip needs something around it. */}
      <span>
        <Button
          variant="outlined"
          color="error"
          disabled={!allowed}
          onClick={onClick}
          sx={{ borderColor: 'divider' }}
        >
          Purge…
        </Button>
      </span>
    </Tooltip>
  )
}
