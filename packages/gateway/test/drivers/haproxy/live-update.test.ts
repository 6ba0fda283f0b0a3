import { describe, expect, it } from 'vitest'
import { engineConfig } from '../../../src/config.ts'
import type { BackendEntry, GatewayTable } from '../../../src/drivers/driver.ts'
import { wholeWeights } from '../../../src/drivers/haproxy/balance.ts'
import { liveSteps, mapSteps, type ServersByPool } from '../../../src/drivers/haproxy/live-update.ts'
import { parseLogLine } from '../../../src/drivers/haproxy/log-line.ts'
import { checkVersion, findHaproxy, workerUser } from '../../../src/drivers/haproxy/program.ts'
import { parseStatCsv } from '../../../src/drivers/haproxy/stat-csv.ts'
import { serversOf } from '../../../src/drivers/haproxy/servers.ts'
import { Traffic } from '../../../src/drivers/haproxy/traffic.ts'

const config = engineConfig.parse({})
const table = (...backends: Partial<BackendEntry>[]): GatewayTable => ({
  routes: [],
  pools: [
    {
      name: 'p',
      backends: backends.map((entry, index) => ({ id: `${index}`, host: '127.0.0.1', port: 80, ...entry })),
    },
  ],
})
const known = (of: GatewayTable): ServersByPool =>
  new Map([
    ['pool.p', new Map(serversOf(of.pools[0]!, config, new Set()).map((server) => [server.name, server]))],
  ])
const commands = (from: GatewayTable, to: GatewayTable, drained = new Set<string>()): string[] | undefined =>
  liveSteps(known(from), to, config, drained)?.steps.map(({ command }) => command)

describe('live changes of HAProxy', () => {
  it('adds before it takes away, and changes what stays', () => {
    const steps = commands(
      table({ id: 'a' }, { id: 'b' }),
      table({ id: 'b', weight: 3, port: 81 }, { id: 'c' }),
    )!
    expect(steps.map((step) => step.split(' ').slice(0, 4).join(' '))).toEqual([
      'add server pool.p/b.c 127.0.0.1:80',
      'enable health pool.p/b.c',
      'set server pool.p/b.c state',
      'set server pool.p/b.b addr',
      'set server pool.p/b.b weight',
      'set server pool.p/b.a state',
    ])
  })

  it('has states for draining and down, and nothing to do for what is the same', () => {
    expect(commands(table({ id: 'a' }), table({ id: 'a', state: 'draining' }))).toEqual([
      'set server pool.p/b.a state drain',
    ])
    expect(commands(table({ id: 'a' }), table({ id: 'a', state: 'down' }))).toEqual([
      'set server pool.p/b.a state maint',
    ])
    expect(commands(table({ id: 'a' }), table({ id: 'a' }), new Set(['a']))).toEqual([
      'set server pool.p/b.a state drain',
    ])
    expect(commands(table({ id: 'a' }), table({ id: 'a' }))).toEqual([])
  })

  it('reloads for names to resolve and for TLS', () => {
    expect(commands(table(), table({ id: 'a', host: 'backend.internal' }))).toBeUndefined()
    expect(commands(table({ id: 'a' }), table({ id: 'a', protocol: 'https' }))).toBeUndefined()
  })

  it('gives maps in parts and puts them in force at once', () => {
    const entries = new Map(
      Array.from({ length: 1_000 }, (_, index) => [`/route/${index}/`, 'pool.p'] as const),
    )
    const steps = mapSteps('/r.map', 3, entries)
    expect(steps.length).toBeGreaterThan(2)
    expect(steps.slice(0, -1).every(({ command }) => command.startsWith('add map @3 /r.map <<\n'))).toBe(true)
    expect(steps.at(-1)!.command).toBe('commit map @3 /r.map')
  })

  it('has whole weights in proportion', () => {
    expect(wholeWeights([1, 2, 256])).toEqual([1, 2, 256])
    expect(wholeWeights([0.5, 1])).toEqual([128, 256])
    expect(wholeWeights([1, 1_000_000])).toEqual([1, 256])
  })
})

describe('what HAProxy says', () => {
  it('reads a request’s line, and no other', () => {
    const line =
      'millrace\tGET\t200\t120\t7\tpool.web\tb.web_2f1\t--\t+1\t10.0.0.1\tid\t-\tshop=pool.new_2f!\t-\t/a#09b\tshop\t-'
    expect(parseLogLine(line)).toEqual({
      method: 'GET',
      status: 200,
      bytes: 120,
      durationMs: 7,
      pool: 'web',
      backend: 'web/1',
      termination: '--',
      attempts: 2,
      remote: '10.0.0.1',
      requestId: 'id',
      traceId: undefined,
      split: { name: 'shop', pool: 'new/', fellBack: true },
      unseen: false,
      path: '/a#09b',
      host: 'shop',
      userAgent: undefined,
    })
    expect(parseLogLine(line.replace('\t200\t', '\t-1\t'))!.status).toBe(499)
    expect(parseLogLine(line.replace('pool.web', 'visitors').replace('b.web_2f1', '<NOSRV>'))).toMatchObject({
      pool: undefined,
      backend: undefined,
      attempts: 0,
    })
    expect(parseLogLine('Server pool.web/b.1 is UP')).toBeUndefined()
  })

  it('adds numbers of former and ended workers to those of the present one', () => {
    const rows = (requests: number, current: number) =>
      parseStatCsv(
        `# pxname,svname,scur,stot,bout\npool.p,BACKEND,${current},${requests},1\npool.p,"b.x",0,0,0\n`,
      )
    const traffic = new Traffic()
    traffic.update(new Map([[1, rows(10, 2)]]))
    traffic.update(
      new Map([
        [1, rows(12, 1)],
        [2, rows(5, 3)],
      ]),
    )
    expect(traffic.totals('pool.p', 'BACKEND').requests).toBe(17)
    expect(traffic.now('pool.p', 'BACKEND', 'scur')).toBe(4)
    traffic.update(new Map([[2, rows(6, 0)]]))
    expect(traffic.totals('pool.p', 'BACKEND').requests).toBe(18)
    expect(traffic.now('pool.p', 'BACKEND', 'scur')).toBe(0)
  })

  it('names the package where the program is missing, and what is wrong with one that does not suffice', () => {
    expect(() => findHaproxy('/none/haproxy')).toThrow(/apt-get install haproxy/)
    expect(() => findHaproxy('no-such-haproxy', '/none')).toThrow(
      expect.objectContaining({ code: 'GATEWAY_HAPROXY_MISSING' }),
    )
    const built = (version: string, lua = '+LUA'): string =>
      `HAProxy version ${version}-1\nFeature list : +DL ${lua} +NS`
    expect(() => checkVersion('h', built('2.6.12'))).not.toThrow()
    expect(() => checkVersion('h', built('3.0.1'))).not.toThrow()
    expect(() => checkVersion('h', built('2.4.22'))).toThrow(/its version is 2\.4/)
    expect(() => checkVersion('h', built('2.6.12', '-LUA'))).toThrow(/without Lua/)
  })

  it('is nobody in particular where it could be root', () => {
    const passwd = 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n'
    expect(workerUser(passwd)).toEqual(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined)
  })
})
