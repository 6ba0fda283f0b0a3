import { describe, expect, it } from 'vitest'
import { isPackageManager, readSettings } from '../src/environment.ts'
import { agentNodeOptions } from '../src/node-options.ts'

const url = 'http://127.0.0.1:1'

describe('readSettings', () => {
  it('is undefined without an address, when switched off and in a package manager', () => {
    expect(readSettings({}, '/app.js')).toBeUndefined()
    expect(readSettings({ MILLRACE_TELEMETRY_URL: '' }, '/app.js')).toBeUndefined()
    expect(readSettings({ MILLRACE_TELEMETRY_URL: url, MILLRACE_AGENT: 'off' }, '/app.js')).toBeUndefined()
    expect(
      readSettings({ MILLRACE_TELEMETRY_URL: url }, '/usr/lib/node_modules/npm/bin/npm-cli.js'),
    ).toBeUndefined()
  })

  it('takes service and instance from the environment, with defaults', () => {
    const environment = { MILLRACE_TELEMETRY_URL: url, MILLRACE_SERVICE: 'shop', MILLRACE_INSTANCE: 'shop/1' }
    expect(readSettings(environment, '/app.js')).toMatchObject({ service: 'shop', instance: 'shop/1' })
    const defaults = readSettings({ MILLRACE_TELEMETRY_URL: url, npm_package_name: 'my-app' }, '/app.js')
    expect(defaults).toMatchObject({ service: 'my-app', instance: expect.stringMatching(/:\d+$/) })
  })
})

describe('isPackageManager', () => {
  it.each(['/usr/bin/npm', '/x/npm/bin/npx-cli.js', 'C:\\node\\pnpm.cjs', '/x/yarn.js', '/x/corepack'])(
    'knows %s',
    (script) => expect(isPackageManager(script)).toBe(true),
  )
  it.each(['/app/server.js', '/app/npm-stats.js', undefined])('lets %s through', (script) =>
    expect(isPackageManager(script)).toBe(false),
  )
})

describe('agentNodeOptions', () => {
  it('has no unescaped space', () => {
    for (const option of agentNodeOptions().split(' '))
      expect(option).toMatch(/^--(import=file:|conditions=)/)
  })
})
