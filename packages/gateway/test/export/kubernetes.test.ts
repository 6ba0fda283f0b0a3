import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import {
  BackendTLSPolicy,
  Gateway,
  HTTPRoute,
} from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1'
import { EndpointSlice } from 'kubernetes-models/discovery.k8s.io/v1'
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1'
import { Service } from 'kubernetes-models/v1'
import { engineConfig } from '../../src/config.ts'
import type { GatewayTable } from '../../src/drivers/driver.ts'
import { exportTable } from '../../src/export/export.ts'
import type { ExportInput } from '../../src/export/model.ts'
import { hostileTable } from './tables.ts'

interface Document {
  kind: string
  metadata: { name: string; labels?: Record<string, string> }
  spec: Record<string, unknown>
  [field: string]: unknown
}

const KINDS: Record<string, new (data: never) => { validate(): void }> = {
  Service,
  EndpointSlice,
  Ingress,
  Gateway,
  HTTPRoute,
  BackendTLSPolicy,
}

const inputOf = (table: GatewayTable): ExportInput => ({
  table,
  config: engineConfig.parse({}),
  listen: { host: '127.0.0.1', port: 3_000 },
  health: {},
})

/** Parsed, and valid by the schemas that Kubernetes and the Gateway API publish. */
function documentsOf(text: string): Document[] {
  const documents = parseAllDocuments(text, { version: '1.1' }).map((document) => {
    expect(document.errors).toEqual([])
    return document.toJS() as Document
  })
  for (const document of documents) {
    const kind = KINDS[document.kind]
    if (kind === undefined) throw new Error(`a document of the kind '${document.kind}'`)
    new kind(document as never).validate()
    expect(document.metadata.name).toMatch(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
  }
  const names = documents.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
  expect(new Set(names).size).toBe(names.length)
  return documents
}

const table: GatewayTable = {
  routes: [
    { prefix: '/', pool: 'web' },
    { prefix: '/api', pool: 'API', host: 'shop.example', methods: ['GET', 'POST'], stripPrefix: true },
    {
      prefix: '/api',
      pool: 'web',
      headers: [
        { name: 'x-beta', value: 'yes' },
        { name: 'x-ok', pattern: 'a|b' },
      ],
    },
    {
      prefix: '/new',
      pool: 'web',
      split: {
        name: 'release',
        kind: 'canary',
        parts: [
          { pool: 'web', share: 97.5 },
          { pool: 'API', share: 2.5 },
        ],
      },
      mirror: { pool: 'API', share: 12.5 },
    },
    { prefix: '/own', pool: 'named', access: 'loopback' },
    { prefix: '/at', pool: 'named', countries: ['AT'] },
    { prefix: '/tls', pool: 'named', rateLimit: { perSecond: 10, burst: 20 } },
  ],
  pools: [
    {
      name: 'web',
      backends: [
        { id: 'web/1', host: '10.0.0.1', port: 4_001, zone: 'a' },
        { id: 'web/2', host: '10.0.0.2', port: 4_002, state: 'draining' },
        { id: 'web/3', host: 'fd00::3', port: 4_001 },
      ],
    },
    { name: 'API', backends: [{ id: 'API/1', host: '10.0.0.9', port: 80 }] },
    { name: 'named', backends: [{ id: 'named/1', host: 'Backend.example', port: 443, protocol: 'https' }] },
  ],
}

it('Gateway API: matches, shares, copies, paths without their prefix and TLS to backends', () => {
  const { text, notExported } = exportTable('gateway-api', inputOf(table))
  const documents = documentsOf(text)
  const rules = documents
    .filter(({ kind }) => kind === 'HTTPRoute')
    .flatMap(({ spec }) =>
      (spec['rules'] as object[]).map((rule) => ({ hostnames: spec['hostnames'], ...rule })),
    )
  expect(rules).toMatchObject([
    { matches: [{ path: { type: 'PathPrefix', value: '/' } }] },
    {
      matches: [
        {
          headers: [
            { name: 'x-beta', value: 'yes' },
            { type: 'RegularExpression', value: '^(?:a|b)$' },
          ],
        },
      ],
    },
    {
      backendRefs: [{ weight: 9_750 }, { weight: 250 }],
      filters: [
        { type: 'RequestMirror', requestMirror: { fraction: { numerator: 1_250, denominator: 10_000 } } },
      ],
    },
    { matches: [{ path: { value: '/tls' } }], backendRefs: [{ name: 'millrace-named', port: 443 }] },
    {
      hostnames: ['shop.example'],
      matches: [{ method: 'GET' }, { method: 'POST' }],
      filters: [{ type: 'URLRewrite' }, { type: 'RequestHeaderModifier' }],
    },
  ])
  expect(documents.find(({ kind }) => kind === 'BackendTLSPolicy')?.spec).toMatchObject({
    validation: { hostname: 'backend.example' },
  })
  const said = notExported.map(({ where, what }) => `${where} ${what}`)
  expect(said).toEqual(
    expect.arrayContaining(["route '/own' route", "route '/at' route", "route '/tls' rateLimit"]),
  )
  for (const { what } of notExported) expect(text).toContain(what)
})

it('Ingress: hosts and paths, Services with the addresses of backends, annotations only where asked for', () => {
  const { text, notExported } = exportTable('ingress', inputOf(table))
  const documents = documentsOf(text)
  expect(text).not.toContain('nginx.ingress')
  expect(documents.filter(({ kind }) => kind === 'EndpointSlice')).toMatchObject([
    { addressType: 'IPv4', ports: [{ port: 4_001 }], endpoints: [{ addresses: ['10.0.0.1'], zone: 'a' }] },
    { addressType: 'IPv4', ports: [{ port: 4_002 }], endpoints: [{ conditions: { ready: false } }] },
    { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::3'] }] },
  ])
  expect(notExported).toContainEqual(
    expect.objectContaining({ where: "route 'shop.example/api'", what: 'route' }),
  )
  const annotated = exportTable('ingress-nginx', inputOf(table)).text
  documentsOf(annotated)
  expect(annotated).toContain('nginx.ingress.kubernetes.io/limit-rps: "10"')
  expect(annotated).toContain('nginx.ingress.kubernetes.io/backend-protocol: HTTPS')
})

it('whatever names and paths are, documents are valid, the same for the same table, and nothing more than was meant', () => {
  fc.assert(
    fc.property(
      hostileTable,
      fc.constantFrom('ingress', 'ingress-nginx', 'gateway-api'),
      (hostile, format) => {
        const { text } = exportTable(format, inputOf(hostile))
        documentsOf(text)
        expect(exportTable(format, inputOf(structuredClone(hostile))).text).toBe(text)
      },
    ),
  )
})
