import { MutationCache, QueryCache, QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query'
import {
  ApiError,
  unwrap,
  type AuditEntry,
  type Capability,
  type Dashboard,
  type Incident,
  type Runtime,
  type Settings,
} from '@millrace/api-client'
import { client, isUnreachable, readSignal } from './client.ts'

/** Answers are kept for a minute after their screen is left: coming back shows them at once, memory stays flat. */
const GC_MS = 60_000

export const SESSION_KEY = ['session'] as const

/** Not every 401: a wrong current password is one, too, and ends nothing. */
const NOBODY_SIGNED_IN = 'SERVER_SIGN_IN_REQUIRED'

export function createQueryClient(): QueryClient {
  // A session that ended anywhere ends everywhere: the sign-in form appears and the address stays.
  const onError = (error: unknown): void => {
    if (error instanceof ApiError && error.code === NOBODY_SIGNED_IN) queries.setQueryData(SESSION_KEY, null)
  }
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        gcTime: GC_MS,
        staleTime: 1_000,
        refetchOnWindowFocus: false,
        refetchOnReconnect: true,
        // Live screens ask again by themselves; only what is read once is worth a second try.
        retry: (failures, error) => failures < 2 && isUnreachable(error),
        retryDelay: (attempt) => Math.min(5_000, 500 * 2 ** attempt),
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
  return queries
}

/** The live stream makes these fresh; the slow poll covers what happened while the stream was down. */
const SAFETY_POLL_MS = 15_000

export function useRuntime(): UseQueryResult<Runtime, ApiError> {
  return useQuery({
    queryKey: ['runtime'],
    queryFn: ({ signal }) => unwrap(client.GET('/api/runtime', { signal: readSignal(signal) })),
    refetchInterval: SAFETY_POLL_MS,
  })
}

export function useCapabilities(): UseQueryResult<Capability[], ApiError> {
  return useQuery({
    queryKey: ['capabilities'],
    queryFn: async ({ signal }) => {
      const answer = await unwrap(client.GET('/api/capabilities', { signal: readSignal(signal) }))
      return answer.capabilities
    },
    refetchInterval: 2 * SAFETY_POLL_MS,
    staleTime: 5_000,
  })
}

export function useIncidents(): UseQueryResult<Incident[], ApiError> {
  return useQuery({
    queryKey: ['incidents'],
    queryFn: async ({ signal }) => {
      const answer = await unwrap(
        client.GET('/api/incidents', { params: { query: { limit: 100 } }, signal: readSignal(signal) }),
      )
      return answer.incidents
    },
    refetchInterval: 2 * SAFETY_POLL_MS,
    staleTime: 5_000,
  })
}

export const AUDIT_LIMIT = 200

/** Newest first. `action` is exact, or a prefix that ends in a dot. */
export function useAudit(filter: { action?: string } = {}): UseQueryResult<AuditEntry[], ApiError> {
  return useQuery({
    queryKey: ['audit', filter],
    queryFn: async ({ signal }) => {
      const query = { limit: AUDIT_LIMIT, ...filter }
      const answer = await unwrap(client.GET('/api/audit', { params: { query }, signal: readSignal(signal) }))
      return answer.entries
    },
    refetchInterval: 2 * SAFETY_POLL_MS,
    staleTime: 5_000,
  })
}

/** What each capability says about itself in numbers. */
export function useDashboard(refetchInterval: number | false): UseQueryResult<Dashboard, ApiError> {
  return useQuery({
    queryKey: ['dashboard'],
    queryFn: ({ signal }) => unwrap(client.GET('/api/performance/dashboard', { signal: readSignal(signal) })),
    refetchInterval,
  })
}

export function useSettings(): UseQueryResult<Settings, ApiError> {
  return useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => unwrap(client.GET('/api/performance/settings', { signal: readSignal(signal) })),
  })
}
