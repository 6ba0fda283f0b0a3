import { afterEach, beforeEach, expect, it } from 'vitest'
import { allocatePort } from '@millrace/core/process'
import { silentLogger, type RuntimeLink } from '@millrace/core'
import { gatewayActions } from '../../src/actions.ts'
import { gatewayConfig } from '../../src/config.ts'
import { EXPORT_FORMATS } from '../../src/export/model.ts'
import { GatewayService } from '../../src/service.ts'
import { HostHarness } from '../support/host-harness.ts'
import { NginxServer } from '../support/nginx-server.ts'

const call = {
  actor: { kind: 'system', name: 'test', role: 'administrator' },
  logger: silentLogger,
  signal: new AbortController().signal,
  progress: () => undefined,
} as const

let harness: HostHarness
let nginx: NginxServer
beforeEach(async () => {
  harness = new HostHarness()
  nginx = await NginxServer.create()
})
afterEach(async () => {
  await harness.stop()
  await nginx.close()
})

it('exports the table that is in force, without a secret, in every format', async () => {
  await harness.source.set(
    { id: 'shop/1', port: await allocatePort(), host: '127.0.0.1' },
    { id: 'api/1', port: 4_001, host: '10.0.0.1' },
  )
  const config = {
    stickySessions: { enabled: true, secret: 'a secret of the operator' },
    health: { enabled: true },
  }
  await harness.start(config, {
    shop: { command: 'unused', routes: [{ path: '/', host: 'shop.example' }] },
    api: {
      command: 'unused',
      routes: [{ path: '/api', stripPrefix: true }],
      health: { path: '/live', headers: { authorization: 'Bearer of the operator' }, intervalMs: 600_000 },
    },
  })
  const runtime: RuntimeLink = {
    connected: true,
    components: () => [],
    call: <Result>(_host: string, method: string, params: unknown) =>
      harness.part.methods![method]!(params) as Promise<Result>,
    onChange: () => () => undefined,
  }
  const service = new GatewayService({ config: gatewayConfig.parse(config), runtime })
  expect(
    JSON.stringify(await service.exportInput().then(({ table, health }) => ({ table, health }))),
  ).not.toMatch(/operator/)
  const action = gatewayActions.export
  for (const format of EXPORT_FORMATS) {
    const result = action.output.parse(await action.run(service, { format }, call))
    expect(result.format).toBe(format)
    expect(result.document).not.toMatch(/of the operator/)
    expect(result.document).toContain('shop.example')
    expect(result.document).toContain('/api')
    expect(result.notExported).toContainEqual(expect.objectContaining({ what: 'sticky cookie' }))
  }
  const { document } = await action.run(service, { format: 'nginx' }, call)
  expect(await nginx.refusal(document)).toBeUndefined()
})

it('a format that there is not is refused with those that there are', () => {
  const { error } = gatewayActions.export.input.safeParse({ format: 'apache' })
  expect(error?.issues).toMatchObject([{ path: ['format'], values: [...EXPORT_FORMATS] }])
})
