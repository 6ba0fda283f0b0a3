import type { UseQueryResult } from '@tanstack/react-query'
import { unwrap, type ApiError } from '@millrace/api-client'
import { client } from '../../api/client.ts'
import { usePolled } from '../../api/use-polled.ts'

/** What is in flight changes all the time; what the gateway is hardly does. */
const FAST_MS = 2_000
const SLOW_MS = 10_000

const get = {
  status: (signal: AbortSignal) => unwrap(client.GET('/api/gateway/status', { signal })),
  edge: (signal: AbortSignal) => unwrap(client.GET('/api/gateway/edge', { signal })),
  pools: (signal: AbortSignal) => unwrap(client.GET('/api/gateway/pools', { signal })),
  backends: (signal: AbortSignal) =>
    unwrap(client.GET('/api/gateway/backends', { params: { query: {} }, signal })),
  splits: (signal: AbortSignal) => unwrap(client.GET('/api/gateway/splits', { signal })),
  connections: (signal: AbortSignal) =>
    unwrap(client.GET('/api/gateway/connections', { params: { query: {} }, signal })),
  requests: (signal: AbortSignal) =>
    unwrap(client.GET('/api/gateway/requests', { params: { query: {} }, signal })),
}

type Answer<Name extends keyof typeof get> = Awaited<ReturnType<(typeof get)[Name]>>

export type GatewayStatus = Answer<'status'>
export type Pool = Answer<'pools'>['pools'][number]
export type Backend = Answer<'backends'>['backends'][number]
export type Split = Answer<'splits'>['splits'][number]
export type Connections = Answer<'connections'>
export type Connection = Connections['connections'][number]
export type RecentRequests = Answer<'requests'>
export type RecentRequest = RecentRequests['requests'][number]

export const useGatewayStatus = (): UseQueryResult<GatewayStatus, ApiError> =>
  usePolled(['gateway', 'status'], get.status, SLOW_MS)
export const useEdge = (): UseQueryResult<Answer<'edge'>, ApiError> =>
  usePolled(['gateway', 'edge'], get.edge, SLOW_MS)
export const usePools = (): UseQueryResult<Answer<'pools'>, ApiError> =>
  usePolled(['gateway', 'pools'], get.pools, FAST_MS)
export const useBackends = (): UseQueryResult<Answer<'backends'>, ApiError> =>
  usePolled(['gateway', 'backends'], get.backends, FAST_MS)
export const useSplits = (): UseQueryResult<Answer<'splits'>, ApiError> =>
  usePolled(['gateway', 'splits'], get.splits, FAST_MS)
export const useConnections = (): UseQueryResult<Connections, ApiError> =>
  usePolled(['gateway', 'connections'], get.connections, FAST_MS)
export const useRecentRequests = (): UseQueryResult<RecentRequests, ApiError> =>
  usePolled(['gateway', 'requests'], get.requests, FAST_MS)
