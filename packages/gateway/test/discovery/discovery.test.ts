import { silentLogger } from '@millrace/core'
import { fakeClock } from '@millrace/testing'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { Discovery, MAX_BACKENDS, type DiscoveryOptions } from '../../src/discovery/discovery.ts'
import type { DiscoveredBackend, DiscoveryReport, DiscoverySource } from '../../src/discovery/source.ts'

/** A source that says what a test tells it to. */
class ScriptedSource implements DiscoverySource {
  readonly kind = 'dns'
  readonly target = 'app.test'
  readonly whenEmpty = 'keep'
  report!: DiscoveryReport

  async follow(report: DiscoveryReport, signal: AbortSignal): Promise<void> {
    this.report = report
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  }

  found(...hosts: string[]): void {
    this.report.found(hosts.map((host) => ({ host, port: 80, weight: 1 })))
  }
}

const discoveries: Discovery[] = []
afterEach(() => {
  for (const discovery of discoveries.splice(0)) discovery.stop()
})

function following(more: Partial<DiscoveryOptions> = {}) {
  const clock = fakeClock()
  const source = new ScriptedSource()
  let changes = 0
  const results: string[] = []
  const discovery = new Discovery({
    pool: 'app',
    source,
    keepMs: 60_000,
    drainMs: 10_000,
    clock,
    logger: silentLogger,
    onChange: () => changes++,
    onResult: (_pool, _source, result) => results.push(result),
    ...more,
  })
  discoveries.push(discovery)
  const started = discovery.start()
  const shown = (): string =>
    discovery
      .instances()
      .map(({ id, state }) => (state === 'ready' ? id : `${id} ${state}`))
      .join(', ')
  return { clock, source, discovery, started, shown, results, changes: () => changes }
}

describe('Discovery', () => {
  it('those that leave drain for a while, and are taken back at once when they return', async () => {
    const { clock, source, shown, changes } = following()
    source.found('a', 'b')
    expect(shown()).toBe('app/a:80, app/b:80')
    source.found('a')
    expect(shown()).toBe('app/a:80, app/b:80 draining')
    await clock.advance(5_000)
    source.found('a', 'b')
    expect(shown()).toBe('app/a:80, app/b:80')
    source.found('a')
    await clock.advance(9_999)
    expect(shown()).toBe('app/a:80, app/b:80 draining')
    await clock.advance(1)
    expect(shown()).toBe('app/a:80')
    expect(changes()).toBe(5)
  })

  it('the same list changes nothing, weights and zones do', () => {
    const { source, discovery, changes } = following()
    const backend: DiscoveredBackend = { host: 'fd00::1', port: 80, weight: 1 }
    source.report.found([backend])
    source.report.found([{ ...backend }])
    expect(changes()).toBe(1)
    source.report.found([{ ...backend, weight: 5, zone: 'a', priority: 2 }])
    expect(changes()).toBe(2)
    expect(discovery.instances()).toEqual([
      {
        id: 'app/[fd00::1]:80',
        pool: 'app',
        host: 'fd00::1',
        port: 80,
        weight: 5,
        state: 'ready',
        zone: 'a',
        priority: 2,
      },
    ])
  })

  it('a failure and an empty answer keep the last list, and say so', () => {
    const { source, discovery, shown, results } = following()
    source.found('a')
    source.report.failed(new Error('SERVFAIL'))
    source.report.failed(new Error('SERVFAIL'))
    expect(shown()).toBe('app/a:80')
    expect(discovery.status()).toMatchObject({
      state: 'failing',
      error: 'SERVFAIL',
      failures: 2,
      backends: 1,
    })
    source.found()
    expect(shown()).toBe('app/a:80')
    expect(discovery.status()).toMatchObject({ error: 'the answer names no backend', failures: 3 })
    source.found('b')
    expect(discovery.status()).toMatchObject({ state: 'ok', error: undefined, failures: 0, draining: 1 })
    expect(results).toEqual(['answered', 'failed', 'failed', 'failed', 'answered'])
  })

  it('an empty answer empties it where that is configured', async () => {
    const { clock, source, shown } = following({ whenEmpty: 'remove' })
    source.found('a')
    source.found()
    expect(shown()).toBe('app/a:80 draining')
    await clock.advance(10_000)
    expect(shown()).toBe('')
  })

  it('without an answer for too long all of them leave; an answer brings them back', async () => {
    const { clock, source, shown } = following()
    source.found('a')
    await clock.advance(50_000)
    source.report.failed(new Error('x'))
    await clock.advance(9_999)
    expect(shown()).toBe('app/a:80')
    await clock.advance(1)
    expect(shown()).toBe('app/a:80 draining')
    await clock.advance(10_000)
    expect(shown()).toBe('')
    source.found('a')
    expect(shown()).toBe('app/a:80')
    await clock.advance(10_000_000)
    expect(shown()).toBe('app/a:80')
  })

  it('begins with the first answer or the first failure', async () => {
    const one = following()
    expect(one.discovery.status().state).toBe('waiting')
    one.source.found('a')
    await one.started
    const other = following()
    other.source.report.failed('nobody answers')
    await other.started
    expect(other.discovery.status()).toMatchObject({ state: 'failing', error: 'nobody answers', backends: 0 })
  })

  it('takes a thousand, and says that there were more', () => {
    const { source, discovery } = following()
    source.found(...Array.from({ length: MAX_BACKENDS + 5 }, (_, i) => `h${i}`))
    expect(discovery.instances()).toHaveLength(MAX_BACKENDS)
    expect(discovery.status().error).toContain('1005 backends were found')
  })

  it('after it has stopped nothing changes it, and no timer stays', async () => {
    const { clock, source, discovery, shown } = following()
    source.found('a', 'b')
    source.found('a')
    discovery.stop()
    source.found('c')
    source.report.failed(new Error('x'))
    expect(shown()).toBe('app/a:80, app/b:80 draining')
    await clock.advance(0)
    expect(clock.pending).toBe(0)
  })

  it('whatever happens, what was found last is there until the bound, and nothing drains for longer than it may', async () => {
    const event = fc.oneof(
      fc.record({ hosts: fc.subarray(['a', 'b', 'c', 'd']) }),
      fc.constant('fail' as const),
      fc.record({ ms: fc.integer({ min: 0, max: 20_000 }) }),
    )
    const checked = fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 30 }), async (events) => {
        const { clock, source, discovery } = following()
        let last: string[] = []
        let answeredAt = -1
        const left = new Map<string, number>()
        for (const one of events) {
          if (one === 'fail') source.report.failed(new Error('x'))
          else if ('ms' in one) await clock.advance(one.ms)
          else {
            source.found(...one.hosts)
            if (one.hosts.length > 0) {
              for (const host of last) if (!one.hosts.includes(host)) left.set(host, clock.monotonic())
              for (const host of one.hosts) left.delete(host)
              last = one.hosts
              answeredAt = clock.monotonic()
            }
          }
          const instances = discovery.instances()
          const inState = (wanted: string): string[] =>
            instances.filter(({ state }) => state === wanted).map(({ host }) => host)
          const bound = clock.monotonic() - answeredAt < 60_000
          if (bound && inState('ready').toSorted().join() !== last.toSorted().join()) return false
          for (const host of inState('draining')) {
            if (left.has(host) && clock.monotonic() - left.get(host)! >= 10_000) return false
          }
        }
        return true
      }),
      { numRuns: 100 },
    )
    await expect(checked).resolves.toBeUndefined()
  })
})

it('what is no address is left out and said, and keeps nobody else out', () => {
  const { source, shown, discovery } = following()
  source.found(
    '10.0.0.1',
    'http://shop.internal',
    'two words',
    'fe80::1%eth0',
    'shop.internal',
    '2001:db8::1',
  )
  expect(shown()).toContain('10.0.0.1')
  expect(shown()).toContain('shop.internal')
  expect(discovery.instances()).toHaveLength(3)
  expect(discovery.status()).toMatchObject({
    state: 'ok',
    error: expect.stringContaining('http://shop.internal'),
  })
  source.found('nothing/of', 'use?')
  expect(discovery.instances()).toHaveLength(3)
  expect(discovery.status()).toMatchObject({ state: 'failing', error: expect.stringContaining('nothing/of') })
})
