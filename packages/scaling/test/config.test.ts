import { loadConfig } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { capability } from '../src/capability.ts'
import { scalingConfig } from '../src/index.ts'

describe('scalingConfig', () => {
  it('has the defaults of the scaling documentation', () => {
    expect(scalingConfig.parse({})).toEqual({
      minInstances: 1,
      maxInstances: 10,
      autoScaling: { enabled: false, cooldownMs: 300_000 },
      stopTimeoutMs: 10_000,
    })
  })

  it('reads the documented environment names', async () => {
    const env = {
      MIN_INSTANCES: '2',
      MAX_INSTANCES: '6',
      AUTO_SCALING_ENABLED: 'true',
      SCALING_COOLDOWN: '60000',
    }
    const { config } = await loadConfig({ cwd: '/', env, capabilities: [capability] })
    expect(config['scaling']).toMatchObject({
      minInstances: 2,
      maxInstances: 6,
      autoScaling: { enabled: true, cooldownMs: 60_000 },
    })
  })

  it('reads the names of the load balancer documentation, after its own', async () => {
    const env = {
      MAX_INSTANCES: '6',
      LOAD_BALANCER_AUTO_SCALING_MIN_INSTANCES: '2',
      LOAD_BALANCER_AUTO_SCALING_MAX_INSTANCES: '20',
      LOAD_BALANCER_AUTO_SCALING_ENABLED: 'true',
      LOAD_BALANCER_AUTO_SCALING_COOLDOWN: '60000',
    }
    const { config } = await loadConfig({ cwd: '/', env, capabilities: [capability] })
    expect(config['scaling']).toMatchObject({
      minInstances: 2,
      maxInstances: 6,
      autoScaling: { enabled: true, cooldownMs: 60_000 },
    })
  })

  it('refuses a minimum above the maximum, naming both', () => {
    const { error } = scalingConfig.safeParse({ minInstances: 5, maxInstances: 4 })
    expect(error?.issues).toMatchObject([
      { path: ['minInstances'], message: 'must not be above maxInstances' },
    ])
  })
})
