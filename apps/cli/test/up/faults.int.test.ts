import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '@millrace/testing'
import { startLoad } from './load.ts'
import { alive, pidsOf, PlatformProcess, SERVER } from './platform-process.ts'

describe('when parts die', () => {
  let platform: PlatformProcess
  beforeAll(async () => {
    platform = await PlatformProcess.up(['--instances', '2', '--', 'node', '-e', SERVER])
  })
  afterAll(() => platform[Symbol.asyncDispose]())

  // What a dying process had in hand is lost with it; everything else must be answered.
  const IN_HAND = 8

  it.each([
    ['postgres', 0],
    ['control-plane', 0],
    ['app/2', 0],
    ['gateway/1', IN_HAND],
  ])(
    '%s comes back by itself while the gateway answers',
    async (id, lost) => {
      const before = (await platform.components()).find((component) => component.id === id)!
      const load = startLoad(platform.url(), IN_HAND)
      process.kill(before.pid!, 'SIGKILL')
      await waitFor(
        async () => {
          const now = (await platform.components()).find(
            (component) =>
              component.id.startsWith(id.split('/')[0]!) &&
              component.pid !== before.pid &&
              component.restarts > 0,
          )
          return now?.state === 'ready'
        },
        { deadlineMs: 60_000, intervalMs: 200, what: `${id} to come back` },
      )
      const { requests, failures } = await load.stop()
      const failed = Object.values(failures).reduce((sum, n) => sum + n, 0)
      expect(requests).toBeGreaterThan(50)
      expect({ failed: failed <= lost, failures }).toMatchObject({ failed: true })
    },
    90_000,
  )

  it('ends what a killed supervisor left behind at the next start', async () => {
    const orphans = pidsOf(
      (await platform.components()).filter(({ kind }) => kind === 'instance' || kind === 'database'),
    )
    const exited = new Promise((resolve) => platform.child.once('exit', resolve))
    platform.child.kill('SIGKILL')
    await exited
    expect(alive(orphans).length).toBeGreaterThan(0)
    const { folder, port } = platform
    await using again = await PlatformProcess.up(['--', 'node', '-e', SERVER], { folder, port })
    expect(alive(orphans)).toEqual([])
    expect(await (await fetch(again.url())).text()).toBe('app/1')
  })
})
