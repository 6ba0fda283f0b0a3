import { silentLogger, type Logger } from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import { describe, expect, it } from 'vitest'
import { loadHttpCache } from '../../src/supervisor/load-http-cache.ts'

/** A module of the text, as `import` takes it. */
const moduleOf = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`

function load(text: string, options: unknown = {}) {
  const errors: string[] = []
  const logger = {
    ...silentLogger,
    error: (details: { err: Error }) => void errors.push(details.err.message),
  } as unknown as Logger
  const context = { instance: 'gateway/1', logger, registry: new MetricRegistry(), startMs: 50 }
  return { errors, loaded: loadHttpCache({ module: moduleOf(text), options }, context) }
}

describe('loading the HTTP cache', () => {
  it('hands over the options and says for whom', async () => {
    const { loaded, errors } = load(
      'export const createHttpCache = async (options, { instance }) => ({ options, instance })',
      { maxBytes: 1 },
    )
    expect(await loaded).toEqual({ options: { maxBytes: 1 }, instance: 'gateway/1' })
    expect(errors).toEqual([])
  })

  it.each([
    ['has a mistake', 'export const', /./],
    ['has no factory', 'export const other = 1', /createHttpCache/],
    ['refuses its options', 'export const createHttpCache = async () => { throw new Error("no") }', /no/],
    ['never starts', 'export const createHttpCache = () => new Promise(() => {})', /within 50 ms/],
  ])('does without one that %s', async (_what, text, reason) => {
    const { loaded, errors } = load(text)
    expect(await loaded).toBeUndefined()
    expect(errors).toEqual([expect.stringMatching(reason)])
  })

  it('closes one that starts too late', async () => {
    const { loaded } = load(
      `export const createHttpCache = async () => {
        await new Promise((resolve) => setTimeout(resolve, 100))
        return { close: async () => void (globalThis.closedTooLate = true) }
      }`,
    )
    expect(await loaded).toBeUndefined()
    await expect
      .poll(() => (globalThis as { closedTooLate?: boolean }).closedTooLate, { timeout: 10_000 })
      .toBe(true)
  })
})
