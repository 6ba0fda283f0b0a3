import { describe, expect, it } from 'vitest'
import { applicationEnvironment, fillPort } from '../../src/index.ts'

const base = { inherited: {}, configured: {}, platform: {}, cwd: '/srv/shop' }

describe('applicationEnvironment', () => {
  it('passes the supervisor’s environment on, without what is its own', () => {
    const inherited = {
      LANG: 'C',
      PORT: '3000',
      HOST: '::',
      MILLRACE_ADMIN_PASSWORD: 'x',
      MILLRACE_DATA_DIR: '/d',
    }
    const env = applicationEnvironment({ ...base, inherited })
    expect(env).toEqual({ LANG: 'C', PATH: '/srv/shop/node_modules/.bin' })
  })

  it('lets the configuration win over what is inherited, and the platform over both', () => {
    const env = applicationEnvironment({
      ...base,
      inherited: { A: '1', B: '1', C: '1' },
      configured: { B: '2', C: '2' },
      platform: { C: '3' },
    })
    expect(env).toMatchObject({ A: '1', B: '2', C: '3' })
  })

  it('joins NODE_OPTIONS instead of replacing them', () => {
    const platform = { NODE_OPTIONS: '--import=file:///agent.js' }
    const inherited = { NODE_OPTIONS: '--inherited' }
    expect(applicationEnvironment({ ...base, platform, inherited })['NODE_OPTIONS']).toBe(
      '--inherited --import=file:///agent.js',
    )
    const configured = { NODE_OPTIONS: '--max-old-space-size=512' }
    expect(applicationEnvironment({ ...base, platform, inherited, configured })['NODE_OPTIONS']).toBe(
      '--max-old-space-size=512 --import=file:///agent.js',
    )
  })

  it('finds this Node first and the application’s own programs last', () => {
    const env = applicationEnvironment({
      ...base,
      inherited: { PATH: '/usr/bin' },
      platform: { PATH: '/node24/bin:/usr/bin' },
    })
    expect(env['PATH']).toBe('/node24/bin:/usr/bin:/srv/shop/node_modules/.bin')
  })
})

describe('fillPort', () => {
  it('replaces the variable and nothing that looks like it', () => {
    expect(fillPort(['serve', '--port', '$PORT', '-l', 'tcp://0:${PORT}', '$PORTAL', '$X'], 4100)).toEqual([
      'serve',
      '--port',
      '4100',
      '-l',
      'tcp://0:4100',
      '$PORTAL',
      '$X',
    ])
  })
})
