import { defineAction, healthSchema } from '@millrace/core'
import { z } from 'zod'
import { gatewayConfig, type GatewayConfig } from './config.ts'
import { exportActions } from './export/action.ts'
import { asPurge, purgeParams } from './purge.ts'
import { certificateModel, statsModel } from './read-models.ts'
import type { GatewayService } from './service.ts'
import { regionActions } from './regions/actions.ts'
import { splitActions } from './splitting/actions.ts'

const backend = z.string().min(1).describe('Id of a backend: shop/2')
const done = z.object({ backend: z.string() })

/** Where something must stand for a secret. */
const HIDDEN = '*'.repeat(16)

/** What cookies are signed with, and what opens keys, is nobody's to read. */
const withoutSecret = (config: GatewayConfig): GatewayConfig => {
  const { secret: _secret, ...stickySessions } = config.stickySessions
  const { passphrase: _passphrase, ...tls } = config.tls
  const certificates = tls.certificates.map(({ certificate, key }) => ({ certificate, key }))
  const { secret, ...others } = config.regions
  const regions = secret === undefined ? others : { ...others, secret: HIDDEN }
  return { ...config, stickySessions, tls: { ...tls, certificates }, regions }
}

export const gatewayActions = {
  stats: defineAction({
    title: 'Statistics',
    description:
      'Requests, latency, queue and retries per pool, every backend and worker, and the HTTP cache.',
    effect: 'read',
    input: z.object({}),
    output: statsModel,
    run: (service: GatewayService) => service.stats(),
  }),
  config: defineAction({
    title: 'Configuration',
    description: 'The gateway’s settings in force, and settings given that this version has no feature for.',
    effect: 'read',
    input: z.object({}),
    output: z.object({ config: gatewayConfig, notInThisVersion: z.array(z.string()) }),
    run: async (service: GatewayService) => ({
      config: withoutSecret(service.config),
      notInThisVersion: service.notInThisVersion(),
    }),
  }),
  health: defineAction({
    title: 'Health',
    description: 'Whether workers run and which backends answer their health checks.',
    effect: 'read',
    input: z.object({}),
    output: healthSchema,
    run: (service: GatewayService) => service.health(),
  }),
  'drain-backend': defineAction({
    title: 'Drain a backend',
    description: 'Sends it no new request and waits for those in flight; it stays out until taken back.',
    effect: 'write',
    input: z.object({ backend, timeoutMs: z.int().min(0).max(3_600_000).default(30_000) }),
    output: done.extend({ inFlight: z.number().describe('Still in flight when the time was over.') }),
    run: async (service: GatewayService, { backend, timeoutMs }) => ({
      backend,
      ...(await service.drain(backend, timeoutMs)),
    }),
    undo: (service: GatewayService, { backend }) => service.undrain(backend),
  }),
  'undrain-backend': defineAction({
    title: 'Take a backend back',
    description: 'Sends requests again to a drained backend.',
    effect: 'write',
    input: z.object({ backend }),
    output: done,
    run: async (service: GatewayService, { backend }) => {
      await service.undrain(backend)
      return { backend }
    },
  }),
  'close-connection': defineAction({
    title: 'Close a connection',
    description:
      'Cuts one visitor off at once, with the request or WebSocket in progress on it. Most visitors’ programs connect again.',
    effect: 'destructive',
    input: z.object({
      connection: z.string().min(1).max(200).describe('Its id: /api/gateway/connections'),
    }),
    output: z.object({ connection: z.string() }),
    run: async (service: GatewayService, { connection }) => {
      await service.disconnect(connection)
      return { connection }
    },
  }),
  purge: defineAction({
    title: 'Purge the HTTP cache',
    description:
      'Forgets cached responses in every worker: one URL, paths, a prefix, surrogate keys, or everything.',
    effect: 'destructive',
    input: purgeParams,
    output: z.object({
      workers: z.number().describe('That have a cache.'),
      confirmed: z.number().describe('That have forgotten it. Fewer than `workers`: ask again.'),
    }),
    run: (service: GatewayService, input) => service.purge(asPurge(input)),
  }),
  'reload-certificates': defineAction({
    title: 'Read the certificates again',
    description:
      'New TLS connections get the certificates that are in the files now; open ones go on. One that cannot be used changes nothing.',
    effect: 'write',
    input: z.object({}),
    output: z.object({ certificates: z.array(certificateModel) }),
    run: async (service: GatewayService) => ({ certificates: await service.reloadCertificates() }),
  }),
  'reload-workers': defineAction({
    title: 'Replace the workers',
    description: 'Replaces every worker process, one at a time, without a failed request.',
    effect: 'write',
    input: z.object({}),
    output: z.object({ workers: z.number() }),
    run: async (service: GatewayService) => {
      await service.reload()
      return { workers: (await service.stats()).workers.length }
    },
  }),
  ...splitActions,
  ...regionActions,
  ...exportActions,
}
