import { skipToken, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { createContext, use, useEffect, useState, type ReactNode } from 'react'
import { followEvents, type LiveEvent } from '@millrace/api-client'

/** What each event of the stream makes out of date. */
const AFFECTED: Record<string, readonly string[]> = {
  'component.changed': ['runtime', 'incidents', 'pools', 'capabilities', 'gateway'],
  'split.changed': ['gateway'],
  'scale.changed': ['runtime', 'pools'],
  'audit.recorded': ['audit'],
  'config.changed': ['settings', 'capabilities'],
  'incident.changed': ['incidents', 'runtime'],
}

// A crash sends a burst of events: they are answered with one round of reads.
const BURST_MS = 250

function createInvalidator(queries: QueryClient): (keys: readonly string[]) => void {
  const pending = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  return (keys) => {
    for (const key of keys) pending.add(key)
    timer ??= setTimeout(() => {
      timer = undefined
      for (const key of pending) void queries.invalidateQueries({ queryKey: [key] })
      pending.clear()
    }, BURST_MS)
  }
}

/** How far a running action is; see `useProgress`. */
export interface Progress {
  runId: string
  /** 0–1. */
  fraction: number
  message?: string
}

const progressKey = (runId: string) => ['progress', runId] as const

const keepProgress = (queries: QueryClient, progress: Progress): void => {
  queries.setQueryData(progressKey(progress.runId), progress)
}

/** What the stream last told of a run; undefined for actions that report nothing. */
export function useProgress(runId: string): Progress | undefined {
  return useQuery<Progress>({ queryKey: progressKey(runId), queryFn: skipToken }).data
}

export type StreamState = 'connecting' | 'connected' | 'disconnected'
const StreamContext = createContext<StreamState>('connecting')

export const useStreamState = (): StreamState => use(StreamContext)

/**
 * Follows `GET /api/events` while the page is visible. A hidden tab holds no connection: browsers allow six per
 * host, and six open panels would otherwise block each other.
 */
export function LiveEvents({ children }: { children: ReactNode }): ReactNode {
  const queries = useQueryClient()
  const [state, setState] = useState<StreamState>('connecting')
  useEffect(() => {
    const invalidate = createInvalidator(queries)
    let connection: AbortController | undefined
    const follow = (): void => {
      if (document.hidden) {
        connection?.abort()
        connection = undefined
        return
      }
      if (connection !== undefined) return
      connection = new AbortController()
      followEvents({
        baseUrl: '',
        signal: connection.signal,
        onEvent: (event: LiveEvent) => {
          if (event.name === 'action.progress') keepProgress(queries, event.data as Progress)
          else invalidate(AFFECTED[event.name] ?? [])
        },
        onState: (next) => {
          setState(next)
          // Whatever was missed while the stream was down is read again.
          if (next === 'connected') invalidate(['runtime', 'incidents', 'pools'])
        },
      }).catch(() => setState('disconnected'))
    }
    follow()
    document.addEventListener('visibilitychange', follow)
    return () => {
      document.removeEventListener('visibilitychange', follow)
      connection?.abort()
    }
  }, [queries])
  return <StreamContext value={state}>{children}</StreamContext>
}
