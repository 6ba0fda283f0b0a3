import { Button, Paper, Typography } from '@mui/material'
import { useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { client, readSignal } from '../../api/client.ts'
import { SESSION_KEY } from '../../api/queries.ts'
import { sectionAt } from '../../app/navigation.ts'
import { FormDialog } from '../../forms/form-dialog.tsx'
import { useSession } from '../../session/session.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Empty } from '../../ui/states.tsx'
import { OWN_PASSWORD } from './schemas.ts'
import { Tokens } from './tokens.tsx'
import { Users } from './users.tsx'

/** One's own password; for administrators all users and tokens. */
export function AccessScreen(): ReactNode {
  const { can } = useSession()
  return (
    <Page section={sectionAt('access')!}>
      <Own />
      {can('destructive') ? (
        <>
          <Users />
          <Tokens />
        </>
      ) : (
        <Paper>
          <Empty title="Users and tokens are managed by administrators" />
        </Paper>
      )}
    </Page>
  )
}

function Own(): ReactNode {
  const { user } = useSession()
  const queries = useQueryClient()
  const [open, setOpen] = useState(false)
  const change = async (values: unknown): Promise<void> => {
    const body = values as { currentPassword: string; newPassword: string }
    await client.PUT('/api/auth/password', { body, signal: readSignal() })
    // The answer came with a new session; reading it gives the client the token for its next change.
    await queries.refetchQueries({ queryKey: SESSION_KEY })
  }
  return (
    <Section
      title="You"
      actions={
        <Button variant="outlined" onClick={() => setOpen(true)}>
          Change password
        </Button>
      }
    >
      <Typography variant="body2" sx={{ color: 'text.secondary' }}>
        Signed in as {user.name}, {user.role}.
      </Typography>
      {open ? (
        <FormDialog
          title="Change your password"
          description="Your other sessions end."
          schema={OWN_PASSWORD}
          submit="Change"
          onSubmit={change}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </Section>
  )
}
