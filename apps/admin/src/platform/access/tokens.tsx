import { Alert, Box, Button, Paper } from '@mui/material'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { unwrap, type ApiError, type ApiToken, type Role } from '@millrace/api-client'
import { useState, type ReactNode } from 'react'
import { client, readSignal } from '../../api/client.ts'
import { FormDialog } from '../../forms/form-dialog.tsx'
import { formatInstant } from '../../time/instant.ts'
import { Section } from '../../ui/page.tsx'
import { SortableTable, type Column } from '../../ui/sortable-table.tsx'
import { Empty, Failed, Loading } from '../../ui/states.tsx'
import { CONFIRM, NEW_TOKEN } from './schemas.ts'

const TOKENS_KEY = ['tokens'] as const

interface NewToken {
  name: string
  role: Role
  expiresInDays?: number
}

function columns(onRevoke: (token: ApiToken) => void): Column<ApiToken>[] {
  return [
    { key: 'name', title: 'Name', value: ({ name }) => name, cell: ({ name }) => <strong>{name}</strong> },
    { key: 'role', title: 'Role', value: ({ role }) => role, cell: ({ role }) => role },
    {
      key: 'expires',
      title: 'Expires',
      value: ({ expiresAt }) => expiresAt,
      cell: ({ expiresAt }) => (expiresAt === null ? 'never' : formatInstant(expiresAt)),
      hideBelow: 'sm',
    },
    {
      key: 'used',
      title: 'Last used',
      value: ({ lastUsedAt }) => lastUsedAt,
      cell: ({ lastUsedAt }) => (lastUsedAt === null ? 'never' : formatInstant(lastUsedAt)),
      hideBelow: 'md',
    },
    {
      key: 'actions',
      title: '',
      numeric: true,
      cell: (token) => (
        <Button color="error" aria-label={`Revoke ${token.name}`} onClick={() => onRevoke(token)}>
          Revoke
        </Button>
      ),
    },
  ]
}

/** Bearer tokens of machines. A token is shown once: only its hash is stored. */
export function Tokens(): ReactNode {
  const queries = useQueryClient()
  const [adding, setAdding] = useState(false)
  const [revoking, setRevoking] = useState<ApiToken>()
  const [created, setCreated] = useState<{ name: string; token: string }>()
  const { data, error, refetch } = useQuery<ApiToken[], ApiError>({
    queryKey: TOKENS_KEY,
    queryFn: async ({ signal }) =>
      (await unwrap(client.GET('/api/tokens', { signal: readSignal(signal) }))).tokens,
  })
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: TOKENS_KEY })
  const add = async (values: unknown): Promise<void> => {
    setCreated(await unwrap(client.POST('/api/tokens', { body: values as NewToken, signal: readSignal() })))
    await refresh()
  }
  const revoke = async (): Promise<void> => {
    await client.DELETE('/api/tokens/{id}', { params: { path: { id: revoking!.id } }, signal: readSignal() })
    await refresh()
  }
  return (
    <Section
      title="API tokens"
      help="For machines: Authorization: Bearer …"
      actions={
        <Button variant="outlined" onClick={() => setAdding(true)}>
          Create a token
        </Button>
      }
    >
      <Box sx={{ display: 'grid', gap: 1.5 }}>
        {created === undefined ? null : (
          <Alert severity="success" variant="outlined" onClose={() => setCreated(undefined)}>
            The token of {created.name}. Copy it now: it is shown this once.
            <Box
              component="code"
              sx={{ display: 'block', mt: 0.5, overflowWrap: 'anywhere', userSelect: 'all' }}
            >
              {created.token}
            </Box>
          </Alert>
        )}
        {data === undefined ? (
          error === null ? (
            <Loading height={120} label="Tokens: loading" />
          ) : (
            <Failed error={error} onRetry={() => void refetch()} />
          )
        ) : data.length === 0 ? (
          <Paper>
            <Empty title="No tokens">
              A deployment pipeline or a script signs in with one instead of a password.
            </Empty>
          </Paper>
        ) : (
          <SortableTable
            label="API tokens"
            rows={data}
            columns={columns(setRevoking)}
            rowKey={({ id }) => id}
            sortParam="tokens"
            initialSort={{ column: 'name', descending: false }}
          />
        )}
      </Box>
      {adding ? (
        <FormDialog
          title="Create a token"
          schema={NEW_TOKEN}
          initial={{ role: 'viewer' }}
          submit="Create"
          onSubmit={add}
          onClose={() => setAdding(false)}
        />
      ) : null}
      {revoking === undefined ? null : (
        <FormDialog
          title={`Revoke ${revoking.name}`}
          description="Whatever uses it is refused from now on."
          schema={CONFIRM}
          submit="Revoke"
          danger
          onSubmit={revoke}
          onClose={() => setRevoking(undefined)}
        />
      )}
    </Section>
  )
}
