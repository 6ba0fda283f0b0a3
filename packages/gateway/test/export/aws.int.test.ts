import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
  type CreateRuleCommandInput,
  type CreateTargetGroupCommandInput,
  type ModifyListenerCommandInput,
  type ModifyTargetGroupAttributesCommandInput,
  type RegisterTargetsCommandInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { engineConfig } from '../../src/config.ts'
import type { GatewayTable } from '../../src/drivers/driver.ts'
import { exportTable } from '../../src/export/export.ts'
import type { ExportInput } from '../../src/export/model.ts'
import { problemsOf } from './cloudformation.ts'
import { hostileTable } from './tables.ts'

interface Documents {
  CreateTargetGroup: CreateTargetGroupCommandInput[]
  ModifyTargetGroupAttributes: ModifyTargetGroupAttributesCommandInput[]
  RegisterTargets: RegisterTargetsCommandInput[]
  ModifyListener: ModifyListenerCommandInput[]
  CreateRule: CreateRuleCommandInput[]
}

let server: Server
let client: ElasticLoadBalancingV2Client
let received: URLSearchParams[]
beforeEach(async () => {
  received = []
  server = createServer((req, res) => {
    void textOf(req).then((body) => {
      const call = new URLSearchParams(body)
      received.push(call)
      const action = call.get('Action')!
      res.setHeader('content-type', 'text/xml')
      res.end(`<${action}Response><${action}Result/></${action}Response>`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  client = new ElasticLoadBalancingV2Client({
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
})
afterEach(async () => {
  client.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const inputOf = (table: GatewayTable, health: ExportInput['health'] = {}): ExportInput => ({
  table,
  config: engineConfig.parse({}),
  listen: { host: '127.0.0.1', port: 3_000 },
  health,
})

const table: GatewayTable = {
  routes: [
    { prefix: '/', pool: 'web' },
    {
      prefix: '/api',
      pool: 'web',
      host: '*.shop.example',
      methods: ['GET'],
      headers: [{ name: 'x-a', value: 'b*c' }],
    },
    { prefix: '/many', pool: 'web', methods: ['GET', 'POST', 'PUT', 'HEAD'] },
    {
      prefix: '/new',
      pool: 'web',
      host: 'shop.example',
      split: {
        name: 'ab',
        kind: 'ab',
        parts: [
          { pool: 'web', share: 90 },
          { pool: 'Next', share: 10 },
        ],
      },
    },
  ],
  pools: [
    {
      name: 'web',
      balance: 'least-connections',
      sticky: { kind: 'cookie', cookieName: 'a', maxAgeMs: 60_000, secret: '' },
      backends: [
        { id: 'web/1', host: '10.0.0.1', port: 4_001 },
        { id: 'web/2', host: 'name.example', port: 4_002 },
        { id: 'web/3', host: '127.0.0.1', port: 4_003 },
      ],
    },
    { name: 'Next', backends: [{ id: 'Next/1', host: 'fd00::1', port: 80 }] },
  ],
}

it('the official client sends what is exported as AWS’s Query protocol', async () => {
  const health = {
    web: {
      path: '/live',
      intervalMs: 1_000,
      timeoutMs: 500,
      unhealthyAfter: 1,
      healthyAfter: 20,
      expectedStatuses: [204, '200-299'],
    },
  }
  const { text, notExported } = exportTable('aws-target-groups', inputOf(table, health))
  const documents = JSON.parse(text) as Documents
  for (const one of documents.CreateTargetGroup) await client.send(new CreateTargetGroupCommand(one))
  for (const one of documents.ModifyTargetGroupAttributes)
    await client.send(new ModifyTargetGroupAttributesCommand(one))
  for (const one of documents.RegisterTargets) await client.send(new RegisterTargetsCommand(one))
  for (const one of documents.ModifyListener) await client.send(new ModifyListenerCommand(one))
  for (const one of documents.CreateRule) await client.send(new CreateRuleCommand(one))
  const calls = received.map((call) => Object.fromEntries(call))
  expect(calls.map(({ Action }) => Action)).toEqual([
    ...Array<string>(2).fill('CreateTargetGroup'),
    ...Array<string>(2).fill('ModifyTargetGroupAttributes'),
    ...Array<string>(2).fill('RegisterTargets'),
    'ModifyListener',
    ...Array<string>(3).fill('CreateRule'),
  ])
  expect(calls[0]).toMatchObject({
    Name: 'mr-web',
    HealthCheckPath: '/live',
    HealthCheckIntervalSeconds: '5',
    HealthCheckTimeoutSeconds: '2',
    HealthyThresholdCount: '10',
    UnhealthyThresholdCount: '2',
    'Matcher.HttpCode': '204,200-299',
  })
  expect(calls[1]).toMatchObject({ IpAddressType: 'ipv6' })
  expect(calls[4]).toMatchObject({ 'Targets.member.1.Id': '10.0.0.1', 'Targets.member.1.Port': '4001' })
  const [exact, wildcard, any] = calls.slice(-3)
  expect(exact).toMatchObject({
    Priority: '1',
    'Conditions.member.1.HostHeaderConfig.Values.member.1': 'shop.example',
    'Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight': '899',
    'Actions.member.1.ForwardConfig.TargetGroups.member.2.Weight': '100',
    'Actions.member.1.ForwardConfig.TargetGroupStickinessConfig.Enabled': 'true',
  })
  expect(wildcard).toMatchObject({
    'Conditions.member.2.PathPatternConfig.Values.member.1': '/api',
    'Conditions.member.2.PathPatternConfig.Values.member.2': '/api/*',
    'Conditions.member.4.HttpHeaderConfig.Values.member.1': String.raw`b\*c`,
  })
  expect(any).toMatchObject({ Priority: '3', 'Conditions.member.1.PathPatternConfig.Values.member.1': '/*' })
  expect(notExported).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ where: "route '/many'", why: expect.stringContaining('6 values') as string }),
      expect.objectContaining({ where: "backend 'web/2'" }),
      expect.objectContaining({ where: "backend 'web/3'" }),
    ]),
  )
})

it('more routes than a listener may have rules for are named', () => {
  const routes = Array.from({ length: 130 }, (_, at) => ({ prefix: `/${at}`, pool: 'web' }))
  const { text, notExported } = exportTable('aws-target-groups', inputOf({ ...table, routes }))
  const { CreateRule } = JSON.parse(text) as Documents
  expect(CreateRule.map(({ Priority }) => Priority)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1))
  expect(notExported.filter(({ why }) => why.includes('100 rules'))).toHaveLength(30)
})

it('hostile tables stay within what AWS takes, and templates within the published schema of CloudFormation', () => {
  fc.assert(
    fc.property(hostileTable, (hostile) => {
      const { CreateTargetGroup, CreateRule } = JSON.parse(
        exportTable('aws-target-groups', inputOf(hostile)).text,
      ) as Documents
      const names = CreateTargetGroup.map(({ Name }) => Name)
      expect(new Set(names).size).toBe(names.length)
      for (const { Conditions = [] } of CreateRule) {
        const values = Conditions.flatMap((one) => [
          ...(one.HostHeaderConfig?.Values ?? []),
          ...(one.PathPatternConfig?.Values ?? []),
          ...(one.HttpRequestMethodConfig?.Values ?? []),
          ...(one.HttpHeaderConfig?.Values ?? []),
        ])
        expect(values.length).toBeGreaterThan(0)
        expect(values.length).toBeLessThanOrEqual(5)
        for (const value of values) expect(value.length).toBeLessThanOrEqual(128)
      }
      const { text } = exportTable('cloudformation', inputOf(hostile))
      expect(problemsOf(JSON.parse(text))).toEqual([])
      expect(exportTable('cloudformation', inputOf(structuredClone(hostile))).text).toBe(text)
    }),
  )
})

it('the schema refuses what is wrong, so that its silence says something', () => {
  const { text } = exportTable('cloudformation', inputOf(table))
  expect(problemsOf(JSON.parse(text))).toEqual([])
  expect(problemsOf(JSON.parse(text.replaceAll('"Weight"', '"Wait"')))).not.toEqual([])
  expect(problemsOf(JSON.parse(text.replaceAll('"Priority": 1', '"Priority": "one"')))).not.toEqual([])
  expect(problemsOf(JSON.parse(text.replaceAll('"Conditions"', '"Condition"')))).not.toEqual([])
})
