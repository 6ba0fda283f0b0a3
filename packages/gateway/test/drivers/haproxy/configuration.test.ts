import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { engineConfig } from '../../../src/config.ts'
import type { GatewayTable } from '../../../src/drivers/driver.ts'
import { checkFeatures } from '../../../src/drivers/haproxy/check-features.ts'
import {
  renderConfiguration,
  renderSkeleton,
  type Place,
} from '../../../src/drivers/haproxy/configuration.ts'
import { decodeName, encodeName, poolSection, quote } from '../../../src/drivers/haproxy/quote.ts'
import { mapText, routesMap } from '../../../src/drivers/haproxy/routes-map.ts'

const DIRECTORY = '/run/mill race/it\'s "here" $HOME'
const place: Place = {
  host: '127.0.0.1',
  port: 8080,
  threads: 2,
  connections: 100,
  observeEvery: 16,
  files: {
    script: `${DIRECTORY}/gateway.lua`,
    routes: `${DIRECTORY}/routes.map`,
    splits: `${DIRECTORY}/splits.map`,
    sessions: `${DIRECTORY}/sessions.map`,
    documents: `${DIRECTORY}/documents.map`,
    certificates: `${DIRECTORY}/certificates.list`,
    tickets: `${DIRECTORY}/ticket-keys`,
  },
}
const config = engineConfig.parse({})
const table = (pool: string, id: string, host = '127.0.0.1', prefix = '/'): GatewayTable => ({
  routes: [{ prefix, pool, stripPrefix: true }],
  pools: [{ name: pool, backends: [{ id, host, port: 80 }] }],
})
const render = (of: GatewayTable, options = config): string => {
  checkFeatures(of, options)
  return renderConfiguration(of, options, place, '/run/x.sock')
}
/** The first word of each line: what HAProxy is told to do. */
const directives = (text: string): string[] => text.split('\n').map((line) => line.trim().split(' ')[0]!)

/** What a call returns, or the code of what it throws. */
function outcome(call: () => string): { value?: string; refused?: string } {
  try {
    return { value: call() }
  } catch (error) {
    return { refused: (error as { code: string }).code }
  }
}

/** HAProxy's own rules for one word within quotes, backslashes and none (configuration manual, 2.2). */
function words(line: string): string[] {
  const found: string[] = []
  let word: string | undefined
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!
    if (character === ' ') {
      if (word !== undefined) found.push(word)
      word = undefined
    } else if (character === "'") {
      const end = line.indexOf("'", i + 1)
      word = (word ?? '') + line.slice(i + 1, end)
      i = end
    } else if (character === '\\') {
      word = (word ?? '') + line[++i]!
    } else {
      word = (word ?? '') + character
    }
  }
  return word === undefined ? found : [...found, word]
}

describe('HAProxy configuration', () => {
  it('is one word for any value, or is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (value) => {
        const quoted = outcome(() => quote(value, 'field'))
        // oxlint-disable-next-line no-control-regex
        const unfit = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)
        expect(quoted.refused).toBe(unfit ? 'GATEWAY_HAPROXY_VALUE_INVALID' : undefined)
        expect(quoted.value ?? '').not.toMatch(/[\r\n]/)
        expect(words(`a ${quoted.value ?? value.length} b`)).toEqual([
          'a',
          unfit ? `${value.length}` : value,
          'b',
        ])
      }),
    )
  })

  it('names are reversible, and never mean more than a name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(encodeName(a)).toMatch(/^[\w.-]*$/)
        expect(decodeName(encodeName(a))).toBe(a)
        expect(encodeName(a) === encodeName(b)).toBe(a === b)
      }),
    )
  })

  it('has the same directives whatever pools, backends, hosts and prefixes are called, or the table is refused', () => {
    const usual = new Set(directives(render(table('web', 'web/1', '127.0.0.1', '/a'))))
    const text = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom('a\nglobal', "'; x", 'x y', '${A}'),
    )
    fc.assert(
      fc.property(text, text, text, fc.string({ unit: 'binary' }), (pool, id, host, prefix) => {
        const of = table(pool, id, host, `/${prefix}`)
        const rendered = outcome(() => render(of))
        expect([undefined, 'GATEWAY_TABLE_INVALID']).toContain(rendered.refused)
        const unknown = directives(rendered.value ?? '').filter((directive) => !usual.has(directive))
        expect(unknown).toEqual([])
        if (rendered.refused !== undefined) return
        const lines = mapText(routesMap(of)).split('\n')
        if (lines.some((line) => line.split(' ').length > 2))
          throw new Error(`a map has more: ${lines.join()}`)
      }),
    )
  })

  it('routes by whole segments: every key ends in a slash', () => {
    const of: GatewayTable = {
      routes: [
        { prefix: '/', pool: 'web' },
        { prefix: '/shop/api/', pool: 'api', stripPrefix: true },
        { prefix: '/admin', pool: 'web', access: 'loopback' },
      ],
      pools: [
        { name: 'web', backends: [] },
        { name: 'api', backends: [] },
      ],
    }
    expect([...routesMap(of)]).toEqual([
      ['/', 'pool.web'],
      ['/shop/api/', 'pool.api;s2'],
      ['/admin/', 'pool.web;l'],
    ])
  })

  it('needs no reload for backends and routes, and one for pools, algorithms and new kinds of routes', () => {
    const of = (change: Partial<GatewayTable>): string =>
      renderSkeleton({ ...table('web', 'web/1', '127.0.0.1', '/a'), ...change }, config, place)
    const same = of({})
    expect(of({ pools: [{ name: 'web', backends: [{ id: 'x', host: '::1', port: 1, weight: 5 }] }] })).toBe(
      same,
    )
    expect(of({ routes: [{ prefix: '/b', pool: 'web', stripPrefix: true }] })).toBe(same)
    expect(of({ routes: [{ prefix: '/b/c', pool: 'web', stripPrefix: true }] })).not.toBe(same)
    expect(of({ pools: [{ name: 'web', balance: 'ip-hash', backends: [] }] })).not.toBe(same)
    expect(
      of({
        pools: [
          { name: 'web', backends: [] },
          { name: 'more', backends: [] },
        ],
      }),
    ).not.toBe(same)
  })

  it('says what the settings say', () => {
    const text = render(
      table('web', 'web/1'),
      engineConfig.parse({
        balance: 'least-connections',
        limits: { backendConnections: 7, queue: 3, headerCount: 50, bodyBytes: 9 },
        timeouts: {
          connectMs: 11,
          responseMs: 12,
          queueMs: 13,
          tunnelIdleMs: 14,
          headersMs: 15,
          keepAliveMs: 16,
        },
        compression: { enabled: false },
        via: 'edge',
      }),
    )
    for (const line of [
      'balance leastconn',
      'timeout connect 11ms',
      'timeout server 12ms',
      'timeout queue 13ms',
      'timeout tunnel 14ms',
      'timeout http-request 15ms',
      'timeout http-keep-alive 16ms',
      "http-request add-header via '1.1 edge'",
      'http-request deny deny_status 413 if { req.body_size gt 9 }',
    ])
      expect(text).toContain(`  ${line}\n`)
    expect(text).toMatch(/server b\.web_2f1 127\.0\.0\.1:80 weight 1 maxconn 7 /)
    expect(text).toContain(`{ queue(${poolSection('web')}) ge 3 }`)
    expect(text).not.toContain('compression')
  })

  it('refuses what HAProxy cannot do, each by name', () => {
    const of: GatewayTable = {
      routes: [
        {
          prefix: '/',
          pool: 'a',
          mirror: { pool: 'a', share: 1 },
          headers: [{ name: 'x', pattern: '(?i)a' }],
        },
      ],
      pools: [{ name: 'a', balance: 'least-response-time', backends: [{ id: 'b', host: 'a b', port: 1 }] }],
    }
    expect(() => render(of)).toThrow(
      expect.objectContaining({
        code: 'GATEWAY_TABLE_INVALID',
        details: {
          problems: [
            "route '/': 'mirror' is not a feature of the engine 'haproxy'",
            "route '/': 'headers': the pattern '(?i)a' of 'x' is not a feature of the engine 'haproxy': '(' at 0 is not translated",
            "pool 'a': 'balance' least-response-time is not a feature of the engine 'haproxy'",
            "backend 'b': host 'a b' is neither a name nor an address",
          ],
        },
      }),
    )
  })
})
