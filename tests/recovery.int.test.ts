import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '@millrace/testing'
import {
  removeDataDir,
  startPlatform,
  steadyLoad,
  temporaryDataDir,
  type Component,
  type Platform,
} from './support/platform.ts'

/** An application that knows nothing of Millrace: plain http, no signal handling. */
const APPLICATION = `
  import { createServer } from 'node:http'
  createServer((request, response) => setTimeout(() => response.end('hello'), 5)).listen(process.env.PORT)
`

describe('killing parts under load', () => {
  const dataDir = temporaryDataDir()
  let platform: Platform

  beforeAll(async () => {
    const application = path.join(dataDir, 'server.mjs')
    writeFileSync(application, APPLICATION)
    platform = await startPlatform({ args: ['--instances', '2', '--', 'node', application], dataDir })
  }, 120_000)

  afterAll(async () => {
    await platform?.stop()
    removeDataDir(dataDir)
  })

  const find = async (accept: (component: Component) => boolean): Promise<Component> => {
    const components = await platform.components()
    const found = components.find(accept)
    if (found === undefined)
      throw new Error(`not among ${components.map((it) => `${it.id} ${it.kind}`).join(', ')}`)
    return found
  }

  /** Kills the component and waits until one of its kind is ready with another pid. */
  const killAndWait = async (accept: (component: Component) => boolean): Promise<void> => {
    const before = await find(accept)
    const count = (await platform.components()).filter((it) => accept(it) && it.state === 'ready').length
    process.kill(before.pid!, 'SIGKILL')
    await waitFor(
      async () => {
        const now = (await platform.components().catch(() => [])).filter(
          (it) => accept(it) && it.state === 'ready',
        )
        return now.length === count && now.every((it) => it.pid !== before.pid)
      },
      { deadlineMs: 45_000 },
    )
  }

  it('an instance: requests go to the other one, and it comes back', async () => {
    const load = steadyLoad(platform.publicUrl)
    await killAndWait((it) => it.kind === 'instance')
    const { requests, failures } = await load.stop()
    expect(requests).toBeGreaterThan(20)
    // The requests in flight in the killed process may be lost unless they can be retried: GETs can.
    expect(failures).toEqual([])
  })

  it('a gateway worker: only its own open connections are lost', async () => {
    const load = steadyLoad(platform.publicUrl)
    await killAndWait((it) => it.kind === 'worker')
    const { requests, failures } = await load.stop()
    expect(requests).toBeGreaterThan(20)
    expect(failures.length).toBeLessThanOrEqual(8)
  })

  it('the control plane: visitors notice nothing', async () => {
    const load = steadyLoad(platform.publicUrl)
    await killAndWait((it) => it.kind === 'control-plane')
    expect((await load.stop()).failures).toEqual([])
  })

  it('the database: visitors notice nothing, and the API recovers', async () => {
    const load = steadyLoad(platform.publicUrl)
    await killAndWait((it) => it.kind === 'database')
    expect((await load.stop()).failures).toEqual([])
    await waitFor(async () => (await fetch(new URL('/health/ready', platform.control.url))).status === 200, {
      deadlineMs: 30_000,
    })
  })

  it('records what happened', async () => {
    const incidents = JSON.stringify(await platform.api('/api/incidents'))
    expect(incidents).toContain('SIGKILL')
  })

  it('a planned rolling restart fails no request', async () => {
    const before = (await platform.components()).filter((it) => it.kind === 'instance').map((it) => it.pid)
    const load = steadyLoad(platform.publicUrl, 8)
    const pools = await platform.api<{ pools: { name: string }[] }>('/api/scaling/pools')
    await platform.api('/api/scaling/actions/restart', {
      method: 'POST',
      body: JSON.stringify({ pool: pools.pools[0]!.name }),
    })
    const { requests, failures } = await load.stop()
    expect(failures).toEqual([])
    expect(requests).toBeGreaterThan(20)
    const after = (await platform.components()).filter((it) => it.kind === 'instance' && it.state === 'ready')
    expect(after).toHaveLength(2)
    expect(after.some((it) => before.includes(it.pid))).toBe(false)
  })
})
