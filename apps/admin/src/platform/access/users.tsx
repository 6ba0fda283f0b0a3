import { Box, Button } from '@mui/material'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { unwrap, type ApiError, type Role, type User } from '@millrace/api-client'
import { useState, type ReactNode } from 'react'
import { client, readSignal } from '../../api/client.ts'
import { FormDialog } from '../../forms/form-dialog.tsx'
import { useSession } from '../../session/session.tsx'
import { formatInstant } from '../../time/instant.ts'
import { Section } from '../../ui/page.tsx'
import { SortableTable, type Column } from '../../ui/sortable-table.tsx'
import { Failed, Loading } from '../../ui/states.tsx'
import { CHANGED_USER, CONFIRM, NEW_USER } from './schemas.ts'

type Change = 'add' | { change: User } | { remove: User }

interface NewUser {
  name: string
  role: Role
  password: string
}
type ChangedUser = Partial<Pick<User, 'role' | 'disabled'>> & { password?: string }

const USERS_KEY = ['users'] as const

function columns(own: string, onChange: (change: Change) => void): Column<User>[] {
  return [
    { key: 'name', title: 'Name', value: ({ name }) => name, cell: ({ name }) => <strong>{name}</strong> },
    {
      key: 'role',
      title: 'Role',
      value: ({ role }) => role,
      cell: ({ role, disabled }) => (disabled ? `${role}, disabled` : role),
    },
    {
      key: 'lastLogin',
      title: 'Last sign-in',
      value: ({ lastLoginAt }) => lastLoginAt,
      cell: ({ lastLoginAt }) => (lastLoginAt === null ? 'never' : formatInstant(lastLoginAt)),
      hideBelow: 'sm',
    },
    {
      key: 'actions',
      title: '',
      numeric: true,
      cell: (user) => (
        <Box component="span" sx={{ whiteSpace: 'nowrap' }}>
          <Button aria-label={`Change ${user.name}`} onClick={() => onChange({ change: user })}>
            Change
          </Button>
          <Button
            color="error"
            aria-label={`Remove ${user.name}`}
            disabled={user.name === own}
            onClick={() => onChange({ remove: user })}
          >
            Remove
          </Button>
        </Box>
      ),
    },
  ]
}

/** Who may sign in, and as what. */
export function Users(): ReactNode {
  const { user: self } = useSession()
  const [change, setChange] = useState<Change>()
  const { data, error, refetch } = useQuery<User[], ApiError>({
    queryKey: USERS_KEY,
    queryFn: async ({ signal }) =>
      (await unwrap(client.GET('/api/users', { signal: readSignal(signal) }))).users,
  })
  return (
    <Section
      title="Users"
      help="Changing a role or a password ends the sessions of that user."
      actions={
        <Button variant="outlined" onClick={() => setChange('add')}>
          Add a user
        </Button>
      }
    >
      {data === undefined ? (
        error === null ? (
          <Loading height={120} label="Users: loading" />
        ) : (
          <Failed error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <SortableTable
          label="Users"
          rows={data}
          columns={columns(self.name, setChange)}
          rowKey={({ name }) => name}
          sortParam="users"
          initialSort={{ column: 'name', descending: false }}
        />
      )}
      {change === undefined ? null : <UserDialog change={change} onClose={() => setChange(undefined)} />}
    </Section>
  )
}

function UserDialog({ change, onClose }: { change: Change; onClose: () => void }): ReactNode {
  const queries = useQueryClient()
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: USERS_KEY })
  if (change === 'add') {
    const add = async (values: unknown): Promise<void> => {
      await client.POST('/api/users', { body: values as NewUser, signal: readSignal() })
      await refresh()
    }
    return (
      <FormDialog
        title="Add a user"
        schema={NEW_USER}
        initial={{ role: 'viewer' }}
        submit="Add"
        onSubmit={add}
        onClose={onClose}
      />
    )
  }
  if ('remove' in change) {
    const { name } = change.remove
    const remove = async (): Promise<void> => {
      await client.DELETE('/api/users/{name}', { params: { path: { name } }, signal: readSignal() })
      await refresh()
    }
    return (
      <FormDialog
        title={`Remove ${name}`}
        description="Their sessions end at once. What they did stays in the audit log."
        schema={CONFIRM}
        submit="Remove"
        danger
        onSubmit={remove}
        onClose={onClose}
      />
    )
  }
  const { name, role, disabled } = change.change
  const save = async (values: unknown): Promise<void> => {
    await client.PATCH('/api/users/{name}', {
      params: { path: { name } },
      body: values as ChangedUser,
      signal: readSignal(),
    })
    await refresh()
  }
  return (
    <FormDialog
      title={`Change ${name}`}
      schema={CHANGED_USER}
      initial={{ role, disabled }}
      submit="Save"
      onSubmit={save}
      onClose={onClose}
    />
  )
}
