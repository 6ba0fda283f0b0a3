import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MillraceConfig } from '@millrace/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateway } from '../src/index.ts'
import type { Explanation } from '../src/routing/explain-model.ts'
import type { SplitModel } from '../src/splitting/split-model.ts'
import { Fixture } from '../src/testing/index.ts'
import { HostHarness } from './support/host-harness.ts'
import { SteadyLoad } from './support/steady-load.ts'

/** The host part with real workers: canaries and blue-green under load. */
describe('splits of the gateway host', () => {
  let fixture: Fixture
  let harness: HostHarness
  let load: SteadyLoad | undefined
  /** What the canary's backend answers. */
  let canaryStatus = 200
  let canaryRequests = 0
  beforeEach(async () => {
    fixture = new Fixture(createGateway)
    harness = new HostHarness()
    canaryStatus = 200
    canaryRequests = 0
    const stable = await fixture.backend((_req, res) => void setTimeout(() => res.end('stable'), 1))
    const canary = await fixture.backend((_req, res) => {
      canaryRequests++
      setTimeout(() => {
        // It crashes as well as it fails.
        if (canaryStatus === 500 && canaryRequests % 2 === 0) res.destroy()
        else res.writeHead(canaryStatus).end('canary')
      }, 1)
    })
    await harness.source.set({ id: 'shop/1', port: stable }, { id: 'next/1', port: canary })
  })
  afterEach(async () => {
    await load?.stop()
    load = undefined
    await harness.stop()
    await fixture.close()
  })

  const applications = (kind: 'canary' | 'blue-green'): MillraceConfig['applications'] => ({
    shop: {
      command: 'unused',
      routes: [
        {
          path: '/',
          split: {
            name: 'release',
            kind,
            parts: [
              { application: 'shop', share: 100 },
              { application: 'next', share: 0 },
            ],
            // Of two workers on a busy machine: what is tested is what is done about errors.
            canary: {
              steps: [20, 50, 100],
              holdMs: 1_500,
              minRequests: 50,
              latencyMargin: 10,
              latencySlackMs: 1_000,
            },
          },
        },
      ],
    },
    next: { command: 'unused' },
  })
  const call = async <Result>(method: string, params?: unknown): Promise<Result> =>
    (await harness.part.methods![method]!(params)) as Result
  const release = async (): Promise<SplitModel> => (await call<SplitModel[]>('splits'))[0]!
  const state = async (): Promise<string | undefined> => (await release()).canary?.state

  it('a canary that fails is rolled back under load, without a failed request', async () => {
    await harness.start({}, applications('canary'))
    load = new SteadyLoad(harness.url)
    await expect.poll(() => load!.answered).toBeGreaterThan(200)
    expect(canaryRequests).toBe(0)
    await call('canary', { split: 'release', action: 'start' })
    await expect.poll(() => canaryRequests).toBeGreaterThan(20)
    canaryStatus = 500
    await expect.poll(state, { timeout: 15_000 }).toBe('rolled-back')
    const { decisions, parts } = await release()
    expect(parts.map(({ share }) => share)).toEqual([100, 0])
    expect(decisions.at(-1)).toMatchObject({
      decision: 'rollback',
      by: 'controller',
      reason: expect.stringMatching(/^errors: /),
    })
    // Nothing goes there any more, once what was on its way is done.
    await expect
      .poll(
        async () => {
          const before = canaryRequests
          const answered = load!.answered
          while (load!.answered < answered + 300) await new Promise((resolve) => setTimeout(resolve, 10))
          return canaryRequests - before
        },
        { timeout: 10_000 },
      )
      .toBe(0)
    await load.stop()
    expect(load.failed).toEqual([])
    const kept = JSON.parse(await readFile(join(harness.dataDir, 'splits.json'), 'utf8')) as Record<
      string,
      unknown
    >
    expect(kept.release).toMatchObject({ canary: 'rolled-back' })
  })

  it('a canary that is not worse is promoted under load, step by step, without a failed request', async () => {
    await harness.start({}, applications('canary'))
    load = new SteadyLoad(harness.url)
    await call('canary', { split: 'release', action: 'start', reason: 'version 2' })
    await expect.poll(state, { timeout: 20_000 }).toBe('promoted')
    const { decisions, parts } = await release()
    expect(decisions.map(({ decision, to }) => `${decision} ${to['next']}`)).toEqual([
      'start 20',
      'advance 50',
      'promote 100',
    ])
    expect(parts.map(({ share }) => share)).toEqual([0, 100])
    await load.stop()
    expect(load.failed).toEqual([])
    expect(await (await fetch(harness.url)).text()).toBe('canary')
  })

  it('blue-green is switched and back under load, in every worker, without a failed request', async () => {
    await harness.start({}, applications('blue-green'))
    load = new SteadyLoad(harness.url)
    const answers = async (): Promise<string> => {
      const texts = await Promise.all(
        Array.from({ length: 8 }, async () => (await fetch(harness.url)).text()),
      )
      return [...new Set(texts)].join()
    }
    expect(await answers()).toBe('stable')
    await call('switch', { split: 'release', to: 'next' })
    expect(await answers()).toBe('canary')
    await call('canary', { split: 'release', action: 'rollback' })
    expect(await answers()).toBe('stable')
    await load.stop()
    expect(load.failed).toEqual([])
    await expect(call('switch', { split: 'release', to: 'shop' })).rejects.toMatchObject({
      code: 'GATEWAY_SPLIT_REFUSED',
    })
    await expect(call('switch', { split: 'other', to: 'shop' })).rejects.toMatchObject({
      code: 'GATEWAY_SPLIT_UNKNOWN',
    })
  })

  it('a request is explained by a worker', async () => {
    await harness.start({}, applications('blue-green'))
    const explained = await call<Explanation>('explain', { url: 'https://shop.example/cart?a' })
    expect(explained).toMatchObject({
      outcome: 'forwarded to shop: 1 of 1 instances take requests',
      split: { name: 'release', part: 'shop', shares: { shop: 100, next: 0 } },
      pool: { name: 'shop', backends: [{ id: 'shop/1', takesRequests: true }] },
      sent: { path: '/cart?a', headers: { 'x-millrace-split': 'release=shop' } },
    })
    expect((await harness.part.methods!.stats!(undefined)) as object).toMatchObject({ requests: 0 })
  })
})
