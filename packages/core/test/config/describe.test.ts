import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { configSchema, describeConfig, loadConfig, redactConfig, settingsOf } from '../../src/index.ts'

const mail = {
  name: 'mail',
  config: z.strictObject({
    host: z
      .string()
      .default('localhost')
      .meta({ env: 'MAIL_HOST', title: 'Host' })
      .describe('Where it is sent.'),
    password: z
      .string()
      .optional()
      .meta({ env: ['MAIL_PASSWORD', 'SMTP_PASSWORD'], secret: true }),
    tokenHeader: z.string().default('x-token').describe('Not a secret: the name of a header.'),
    keys: z.strictObject({ private: z.string() }).optional().meta({ secret: true }),
    accounts: z
      .array(z.strictObject({ user: z.string(), pass: z.string().meta({ secret: true }) }))
      .default([]),
    extra: z.record(z.string(), z.string()).default({}),
  }),
}

const env = {
  SMTP_PASSWORD: 'hunter2',
}
const flags = {
  'mail.accounts': [{ user: 'ann', pass: 'hunter2' }],
  'mail.keys': { private: 'hunter2' },
  'mail.extra': { API_KEY: 'hunter2', ORIGIN: 'https://ann:hunter2@example.com/x', PLAIN: 'shown' },
}

describe('describeConfig', () => {
  it('shows each setting with its value, origin, texts and variables', async () => {
    const loaded = await loadConfig({ cwd: tmpdir(), file: undefined, env, capabilities: [mail] })
    const rows = describeConfig(loaded)
    expect(rows.find(({ path }) => path === 'mail.host')).toEqual({
      path: 'mail.host',
      value: 'localhost',
      origin: 'default',
      secret: false,
      title: 'Host',
      description: 'Where it is sent.',
      env: ['MAIL_HOST'],
    })
    expect(rows.find(({ path }) => path === 'mail.password')).toMatchObject({
      value: '[redacted]',
      origin: 'env:SMTP_PASSWORD',
      secret: true,
    })
    expect(rows.find(({ path }) => path === 'server.host')).toMatchObject({ value: '127.0.0.1' })
  })

  it('shows no secret, wherever it stands', async () => {
    const loaded = await loadConfig({ cwd: tmpdir(), env, flags, capabilities: [mail] })
    const rows = describeConfig(loaded)
    expect(JSON.stringify(rows)).not.toContain('hunter2')
    const values = Object.fromEntries(rows.map(({ path, value }) => [path, value]))
    expect(values).toMatchObject({
      'mail.accounts': [{ user: 'ann', pass: '[redacted]' }],
      'mail.extra.API_KEY': '[redacted]',
      'mail.extra.ORIGIN': 'https://ann:[redacted]@example.com/x',
      'mail.extra.PLAIN': 'shown',
      'mail.tokenHeader': 'x-token',
    })
  })
})

describe('redactConfig', () => {
  it('keeps the shape and everything that is not secret', async () => {
    const { config } = await loadConfig({ cwd: tmpdir(), env, flags, capabilities: [mail] })
    const redacted = redactConfig(mail.config, config['mail'])
    expect(JSON.stringify(redacted)).not.toContain('hunter2')
    expect(redacted).toMatchObject({ host: 'localhost', password: '[redacted]', keys: '[redacted]' })
  })
})

describe('configSchema and settingsOf', () => {
  it('describe the input, with titles and variables', () => {
    const schema = configSchema(mail) as { properties: Record<string, object>; required?: string[] }
    expect(schema.properties['host']).toMatchObject({
      type: 'string',
      default: 'localhost',
      title: 'Host',
      env: 'MAIL_HOST',
    })
    expect(schema.required ?? []).toEqual([])
  })

  it('list what a schema declares, entries of lists included', () => {
    expect(settingsOf(mail.config).map(({ path }) => path)).toEqual([
      'host',
      'password',
      'tokenHeader',
      'keys.private',
      'accounts',
      'accounts.*.user',
      'accounts.*.pass',
      'extra',
    ])
  })
})
