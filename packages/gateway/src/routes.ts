import { defineRoute } from '@millrace/core'
import { z } from 'zod'
import { recentParams, recentRequests } from './access-log/model.ts'
import { connectionsParams, openConnections } from './connections-view/model.ts'
import {
  backendModel,
  cacheModel,
  discoveryModel,
  poolModel,
  statusModel,
  tlsModel,
  workerModel,
} from './read-models.ts'
import { regionsModel } from './regions/model.ts'
import type { GatewayService } from './service.ts'
import { splitModel } from './splitting/split-model.ts'

export const gatewayRoutes = [
  defineRoute({
    path: '/status',
    summary: 'Whether the gateway is on, which engine moves the requests, and where',
    response: statusModel,
    handler: async (service: GatewayService) => service.status(),
  }),
  defineRoute({
    path: '/edge',
    summary: 'Certificates and handshakes towards visitors, and the other regions',
    response: z.object({
      tls: tlsModel.nullable().describe('null: there is no TLS towards visitors.'),
      regions: regionsModel.nullable().describe('null: there are none.'),
    }),
    handler: async (service: GatewayService) => {
      const { tls, regions } = await service.stats()
      return { tls: tls ?? null, regions: regions ?? null }
    },
  }),
  defineRoute({
    path: '/connections',
    summary: 'Visitors’ open connections with the requests in progress on them',
    query: connectionsParams,
    response: openConnections,
    handler: (service: GatewayService, { query }) => service.connections(query.limit),
  }),
  defineRoute({
    path: '/requests',
    summary: 'The last requests, from the end of the access log',
    query: recentParams,
    response: recentRequests,
    handler: (service: GatewayService, { query }) => service.recentRequests(query.limit),
  }),
  defineRoute({
    path: '/pools',
    summary: 'Pools with requests, latency, queue, retries, and how many backends are in which state',
    response: z.object({ pools: z.array(poolModel) }),
    handler: async (service: GatewayService) => ({ pools: (await service.stats()).pools }),
  }),
  defineRoute({
    path: '/backends',
    summary: 'Backends with state, requests in flight, failures and the last health check',
    query: z.object({ pool: z.string().optional() }),
    response: z.object({ backends: z.array(backendModel) }),
    handler: async (service: GatewayService, { query }) => {
      const { backends } = await service.stats()
      return { backends: backends.filter(({ pool }) => query.pool === undefined || pool === query.pool) }
    },
  }),
  defineRoute({
    path: '/workers',
    summary: 'Worker processes with state and restarts, and the visitors’ open connections over all of them',
    response: z.object({ connections: z.number(), inFlight: z.number(), workers: z.array(workerModel) }),
    handler: async (service: GatewayService) => {
      const { connections, inFlight, workers } = await service.stats()
      return { connections, inFlight, workers }
    },
  }),
  defineRoute({
    path: '/splits',
    summary: 'Splits of traffic: shares, what each part does, the state of canaries, and what was decided',
    response: z.object({ splits: z.array(splitModel) }),
    handler: async (service: GatewayService) => ({ splits: await service.splits() }),
  }),
  defineRoute({
    path: '/discovery',
    summary: 'Where backends are looked up (DNS, Consul, Kubernetes), what was found, and why not',
    response: z.object({ sources: z.array(discoveryModel) }),
    handler: async (service: GatewayService) => ({ sources: (await service.stats()).discovery ?? [] }),
  }),
  defineRoute({
    path: '/cache',
    summary: 'The HTTP cache: requests by what came of them, and what the workers hold',
    response: z.object({ cache: cacheModel.nullable().describe('null: there is none.') }),
    handler: async (service: GatewayService) => ({ cache: (await service.stats()).cache ?? null }),
  }),
] as const
