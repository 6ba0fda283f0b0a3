import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { waitFor } from '@millrace/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeDataDir, startPlatform, temporaryDataDir, type Platform } from '../support/platform.ts'

/** An application that knows nothing of Millrace and says of its pages for how long they are good. */
const APPLICATION = `
import { createServer } from 'node:http'
let answers = 0
createServer((request, response) => {
  response.setHeader('content-type', 'text/plain')
  if (request.url.startsWith('/cached')) {
    response.setHeader('cache-control', 'max-age=600')
    response.setHeader('surrogate-key', 'pages')
  }
  response.end('answer ' + ++answers)
}).listen(Number(process.env.PORT), '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
`

interface Stats {
  cache?: { hit: number; entries: number; maxBytes: number }
}

describe('the HTTP cache of the platform as it comes', () => {
  const dataDir = temporaryDataDir()
  const directory = mkdtempSync(path.join(tmpdir(), 'millrace-application-'))
  let platform: Platform
  beforeAll(async () => {
    const file = path.join(directory, 'server.mjs')
    writeFileSync(file, APPLICATION)
    const args = ['--instances', '1', '--', process.execPath, file]
    platform = await startPlatform({ args, dataDir, env: { MILLRACE_GATEWAY_WORKERS: '1' } })
    // The data plane answers before the control plane does.
    await waitFor(async () => (await act<Stats>('gateway', 'stats', {})).cache !== undefined)
  }, 120_000)
  afterAll(async () => {
    await platform?.stop()
    removeDataDir(dataDir)
    rmSync(directory, { recursive: true, force: true })
  })

  const get = async (target: string): Promise<{ text: string; status: string | null }> => {
    const response = await fetch(platform.publicUrl + target)
    return { text: await response.text(), status: response.headers.get('cache-status') }
  }
  const act = async <Result>(capability: string, action: string, input: object): Promise<Result> => {
    const call = { method: 'POST', body: JSON.stringify(input) }
    const answer = await platform.api<{ result: Result }>(`/api/${capability}/actions/${action}`, call)
    return answer.result
  }

  it('answers again what may be cached, and nothing else', async () => {
    const first = await get('/cached')
    const second = await get('/cached')
    expect(second.text).toBe(first.text)
    expect(second.status).toMatch(/hit/)
    expect((await get('/')).text).not.toBe((await get('/')).text)
    const { cache } = await act<Stats>('gateway', 'stats', {})
    expect(cache).toMatchObject({ entries: 1 })
    expect(cache!.hit).toBeGreaterThan(0)
  })

  it('forgets it when the gateway is told to', async () => {
    const { text } = await get('/cached?by=action')
    expect(await act('gateway', 'purge', { keys: ['pages'] })).toEqual({ workers: 1, confirmed: 1 })
    expect((await get('/cached?by=action')).text).not.toBe(text)
  })

  it('forgets it when the cache is purged as a whole', async () => {
    const { text } = await get('/cached?by=event')
    await act('cache', 'purge', { tags: ['pages'] })
    // The event passes on without anybody waiting for it.
    await expect.poll(async () => (await get('/cached?by=event')).text, { timeout: 10_000 }).not.toBe(text)
  })

  it('shows in the metrics', async () => {
    const seen = await waitFor(
      async () => {
        await get('/cached')
        const from = Date.now() - 60_000
        const { series } = await platform.api<{ series: { values: (number | null)[] }[] }>(
          `/api/monitoring/range?metric=millrace_gateway_cache_requests_total&aggregate=sum&from=${from}&to=${Date.now()}&where.status=hit`,
        )
        return series.some(({ values }) => values.some((value) => (value ?? 0) > 0))
      },
      { deadlineMs: 20_000 },
    )
    expect(seen).toBe(true)
  })
})
