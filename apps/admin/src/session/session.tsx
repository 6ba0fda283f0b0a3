import { useQuery, useQueryClient } from '@tanstack/react-query'
import { ApiError, unwrap, type CapabilityAction, type Role, type Session } from '@millrace/api-client'
import { createContext, lazy, use, useCallback, useMemo, type ReactNode } from 'react'
import { client, readSignal, toApiError } from '../api/client.ts'
import { SESSION_KEY } from '../api/queries.ts'
import { StartUp } from './start-up.tsx'

const SignIn = lazy(async () => ({ default: (await import('./sign-in.tsx')).SignIn }))

/** null: nobody is signed in. */
async function readSession(signal: AbortSignal): Promise<Session | null> {
  try {
    return await unwrap(client.GET('/api/auth/session', { signal: readSignal(signal) }))
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null
    throw error
  }
}

const RANK: Record<Role, number> = { viewer: 0, operator: 1, administrator: 2 }
const NEEDS: Record<CapabilityAction['effect'], Role> = {
  read: 'viewer',
  write: 'operator',
  destructive: 'administrator',
}

export const roleFor = (effect: CapabilityAction['effect']): Role => NEEDS[effect]
export const allows = (role: Role, effect: CapabilityAction['effect']): boolean =>
  RANK[role] >= RANK[NEEDS[effect]]

interface SessionState {
  user: Session['user']
  /** Whether the server would accept it: it checks again, this only greys out what it would refuse. */
  can: (effect: CapabilityAction['effect']) => boolean
  signOut: () => Promise<void>
}

const SessionContext = createContext<SessionState | undefined>(undefined)

export function useSession(): SessionState {
  const state = use(SessionContext)
  if (state === undefined) throw new Error('useSession outside of SessionGate')
  return state
}

const RETRY_MS = 2_000

/** Shows the panel to whoever is signed in, the sign-in form to everybody else, and keeps the address either way. */
export function SessionGate({ children }: { children: ReactNode }): ReactNode {
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery({
    queryKey: SESSION_KEY,
    queryFn: ({ signal }) => readSession(signal),
    staleTime: Infinity,
    gcTime: Infinity,
    retry: false,
    refetchInterval: (query) => (query.state.data === undefined ? RETRY_MS : false),
  })

  const signOut = useCallback(async () => {
    await client.POST('/api/auth/logout', { signal: readSignal() })
    queries.setQueryData(SESSION_KEY, null)
    // What one user saw is nothing for the next. The session itself stays: this screen is looking at it.
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] })
  }, [queries])

  const state = useMemo<SessionState | undefined>(
    () =>
      data === undefined || data === null
        ? undefined
        : {
            user: data.user,
            can: (effect) => allows(data.user.role, effect),
            signOut,
          },
    [data, signOut],
  )
  if (data === undefined) {
    return (
      <StartUp {...(error === null ? {} : { error: toApiError(error) })} onRetry={() => void refetch()} />
    )
  }
  if (state === undefined) {
    const onSignedIn = (session: Session): void => {
      queries.setQueryData(SESSION_KEY, session)
    }
    return <SignIn onSignedIn={onSignedIn} />
  }
  return <SessionContext value={state}>{children}</SessionContext>
}
