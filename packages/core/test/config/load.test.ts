import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadConfig, MillraceError, type LoadedConfig } from '../../src/index.ts'

const cache = {
  name: 'cache',
  config: z.strictObject({
    maxBytes: z.int().min(1).default(1024).meta({ env: 'CACHE_MAX_BYTES', title: 'Memory' }),
    enabled: z
      .boolean()
      .default(true)
      .meta({ env: ['CACHE_ENABLED', 'CACHE_ON'] }),
    ratio: z.number().default(0.5).meta({ env: 'CACHE_RATIO' }),
    hosts: z.array(z.string()).default([]).meta({ env: 'CACHE_HOSTS' }),
    ports: z.array(z.int()).default([]).meta({ env: 'CACHE_PORTS' }),
    workers: z
      .union([z.int(), z.literal('auto')])
      .default('auto')
      .meta({ env: 'CACHE_WORKERS' }),
    policy: z.enum(['lru', 'lfu']).default('lru').meta({ env: 'CACHE_POLICY' }),
    redis: z
      .strictObject({ url: z.url().meta({ env: 'REDIS_URL', secret: true }) })
      .optional()
      .describe('Second tier.'),
  }),
}

let cwd = ''
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'millrace-config-'))
})
afterEach(() => rm(cwd, { recursive: true }))

const load = (options: Partial<Parameters<typeof loadConfig>[0]> = {}): Promise<LoadedConfig> =>
  loadConfig({ cwd, capabilities: [cache], ...options })

async function problems(options: Partial<Parameters<typeof loadConfig>[0]>): Promise<string[]> {
  const error = await load(options).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(error).toBeInstanceOf(MillraceError)
  expect(error).toMatchObject({ code: 'CORE_CONFIG_INVALID' })
  return (error as MillraceError).details['problems'] as string[]
}

describe('loadConfig', () => {
  it('is complete with no file, and names every origin', async () => {
    const { config, origins, file } = await load()
    expect(file).toBeUndefined()
    expect(config['cache']).toMatchObject({ maxBytes: 1024, policy: 'lru' })
    expect(config.dataDir).toBe(join(cwd, '.millrace'))
    expect(origins['cache.maxBytes']).toBe('default')
    expect(origins['server.port']).toBe('default')
  })

  it('orders defaults < file < environment < flags', async () => {
    await writeFile(
      join(cwd, 'millrace.config.ts'),
      `const size: number = 2\nexport default { cache: { maxBytes: size, ratio: 0.1, policy: 'lfu' } }\n`,
    )
    const { config, origins, file } = await load({
      env: { CACHE_MAX_BYTES: '3', CACHE_RATIO: '0.2' },
      flags: { 'cache.maxBytes': '4' },
    })
    expect(file).toBe(join(cwd, 'millrace.config.ts'))
    expect(config['cache']).toMatchObject({ maxBytes: 4, ratio: 0.2, policy: 'lfu', enabled: true })
    expect(origins).toMatchObject({
      'cache.maxBytes': 'flag',
      'cache.ratio': 'env:CACHE_RATIO',
      'cache.policy': 'file',
      'cache.enabled': 'default',
    })
  })

  it.each(['json', 'mjs'])('reads a .%s file named by MILLRACE_CONFIG or the option', async (kind) => {
    const body = kind === 'json' ? '{"dataDir":"data"}' : 'export default { dataDir: "data" }'
    await writeFile(join(cwd, `other.${kind}`), body)
    const byEnv = await load({ cwd: tmpdir(), env: { MILLRACE_CONFIG: join(cwd, `other.${kind}`) } })
    expect(byEnv.config.dataDir).toBe(join(cwd, 'data'))
    const byOption = await load({ file: `other.${kind}` })
    expect(byOption.config.dataDir).toBe(join(cwd, 'data'))
  })

  it('sees a changed file', async () => {
    const file = join(cwd, 'millrace.config.mjs')
    await writeFile(file, 'export default { cache: { maxBytes: 7 } }')
    expect((await load()).config['cache']).toMatchObject({ maxBytes: 7 })
    await writeFile(file, 'export default { cache: { maxBytes: 8 } }')
    expect((await load()).config['cache']).toMatchObject({ maxBytes: 8 })
  })

  it('reads text as the setting’s type', async () => {
    const { config } = await load({
      env: {
        CACHE_ENABLED: '',
        CACHE_ON: 'no',
        CACHE_HOSTS: 'a.example, b.example,',
        CACHE_PORTS: '[1,2]',
        CACHE_WORKERS: '4',
        REDIS_URL: 'redis://127.0.0.1:6379',
      },
      flags: { 'applications.shop.command': ['node', 'a.js'], 'applications.shop.instances': '3' },
    })
    expect(config['cache']).toMatchObject({
      enabled: false,
      hosts: ['a.example', 'b.example'],
      ports: [1, 2],
      workers: 4,
      redis: { url: 'redis://127.0.0.1:6379' },
    })
    expect(config.applications['shop']).toMatchObject({ command: ['node', 'a.js'], instances: 3 })
  })

  it('reports every problem at once, with path, accepted values and origin', async () => {
    await writeFile(
      join(cwd, 'millrace.config.json'),
      JSON.stringify({
        cache: { policy: 'fifo', maxByte: 5 },
        serverr: {},
        applications: { shop: { command: 'x', instances: 'many', routes: [{ path: 'nope' }] } },
      }),
    )
    const lines = await problems({
      env: {
        CACHE_MAX_BYTES: 'lots',
        CACHE_ENABLED: 'maybe',
        CACHE_PORTS: '1,x',
        MILLRACE_ADMIN_PORT: '70000',
      },
      flags: { 'cache.polcy': 'lru', 'server.port.deep': '1' },
    })
    const text = lines.join('\n')
    expect(text).toContain('cache.maxBytes: expected a number, got "lots" (from env:CACHE_MAX_BYTES)')
    expect(text).toContain('cache.enabled: expected true or false, got "maybe" (from env:CACHE_ENABLED)')
    expect(text).toContain('cache.ports: expected a list, separated by commas, each entry a number')
    expect(text).toContain('cache.policy: expected one of "lru", "lfu", got "fifo" (from file)')
    expect(text).toContain("cache.maxByte: is not a known setting; did you mean 'maxBytes'? (from file)")
    expect(text).toContain(
      "serverr: is neither a platform setting nor an installed capability; did you mean 'server'?",
    )
    expect(text).toContain('applications.shop.instances: expected number, or expected "auto", got "many"')
    expect(text).toContain('applications.shop.routes[0].path')
    expect(text).toContain("cache.polcy: is not a known setting; did you mean 'policy'? (from flag)")
    expect(text).toMatch(/server\.port: .*65535.*got 70000 \(from env:MILLRACE_ADMIN_PORT\)/)
    expect(text).toContain('server.port.deep: is not a known setting (from flag)')
    expect(lines).toHaveLength(11)
  })

  it('tells a bad name and a rule over several settings in their own words', async () => {
    const applications = { 'Bad Name': { command: 'x' }, both: { command: 'x', upstreams: ['http://a'] } }
    await writeFile(join(cwd, 'millrace.config.json'), JSON.stringify({ applications }))
    expect(await problems({})).toEqual([
      'applications.Bad Name: the name is not accepted: lower-case letters, digits and hyphens (from file)',
      'applications.both: set exactly one of `command`, `upstreams` and `discover` (from file)',
    ])
  })

  it('never shows the value of a secret', async () => {
    const lines = await problems({
      env: { DATABASE_URL: 'mysql://hunter2@x/y', MILLRACE_ADMIN_PASSWORD: 'hunter2' },
    })
    expect(lines).toHaveLength(2)
    expect(lines.join('\n')).not.toContain('hunter2')
  })

  it('treats __proto__ in a file as an unknown key', async () => {
    await writeFile(
      join(cwd, 'millrace.config.json'),
      '{"__proto__":{"polluted":1},"cache":{"__proto__":{"a":1}}}',
    )
    const lines = await problems({})
    expect(lines.join('\n')).toContain('__proto__')
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('says why a file cannot be loaded', async () => {
    await expect(load({ file: 'absent.ts' })).rejects.toMatchObject({
      code: 'CORE_CONFIG_UNREADABLE',
      details: { reason: 'there is no such file' },
    })
    await writeFile(join(cwd, 'broken.json'), '{')
    await expect(load({ file: 'broken.json' })).rejects.toMatchObject({ code: 'CORE_CONFIG_UNREADABLE' })
    await writeFile(join(cwd, 'broken.mjs'), 'export default [')
    await expect(load({ file: 'broken.mjs' })).rejects.toMatchObject({ code: 'CORE_CONFIG_UNREADABLE' })
    await writeFile(join(cwd, 'list.mjs'), 'export default []')
    await expect(load({ file: 'list.mjs' })).rejects.toThrow('must export a configuration object')
  })

  it('refuses a capability whose name is taken', async () => {
    const twice = load({ capabilities: [cache, cache] })
    await expect(twice).rejects.toMatchObject({ code: 'CORE_CAPABILITY_INVALID' })
    const server = load({ capabilities: [{ name: 'server', config: z.object({}) }] })
    await expect(server).rejects.toThrow('platform’s own configuration')
  })
})
