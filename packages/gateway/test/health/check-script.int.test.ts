import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupMembers } from '@millrace/core/process'
import type { ProbeSettings } from '../../src/health/health-settings.ts'
import { probe, type ProbeResult } from '../../src/health/probe.ts'

describe('script health check', () => {
  let dir = ''
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'millrace-gateway-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))
  const run = (script: string, settings: Partial<ProbeSettings> = {}): Promise<ProbeResult> =>
    probe(
      { id: 'app/1', host: '10.0.0.1', port: 80, protocol: 'https' },
      { command: ['sh', '-c', script], cwd: dir, timeoutMs: 5_000, ...settings },
    )
  /** Group of the process that wrote its id there. */
  const group = (): number => Number(readFileSync(join(dir, 'pid'), 'utf8'))

  it('exit code 0 is healthy, and its last line is shown', async () => {
    expect(await run('true')).toMatchObject({ healthy: true, message: 'exited with code 0' })
    expect(await run('echo first; echo lag 3 ms')).toMatchObject({ healthy: true, message: 'lag 3 ms' })
    expect(await run('echo replica is behind >&2; exit 3')).toMatchObject({
      healthy: false,
      message: 'exited with code 3: replica is behind',
    })
  })

  it('sees the address, and nothing of the gateway’s environment', async () => {
    process.env['MILLRACE_TEST_SECRET'] = 'x'
    try {
      const { message } = await run('echo $(env | sed "s/=.*//" | sort)')
      expect(message).not.toContain('SECRET')
      expect(
        await run(
          'echo $MILLRACE_BACKEND_ID $MILLRACE_BACKEND_PROTOCOL $MILLRACE_BACKEND_HOST $MILLRACE_BACKEND_PORT',
        ),
      ).toMatchObject({ message: 'app/1 https 10.0.0.1 80' })
    } finally {
      delete process.env['MILLRACE_TEST_SECRET']
    }
  })

  it('is ended with all it started when it takes too long', async () => {
    const result = await run('echo $$ > pid; sleep 60 & sleep 60', { timeoutMs: 300 })
    expect(result).toMatchObject({ healthy: false, message: 'took longer than 0.3 s' })
    await expect.poll(() => groupMembers(group())).toEqual([])
  })

  it('leaves nothing running when it succeeds', async () => {
    expect(await run('echo $$ > pid; sleep 60 & echo started')).toMatchObject({ healthy: true })
    await expect.poll(() => groupMembers(group())).toEqual([])
  })

  it('a flood of output costs no more than its last lines', async () => {
    const result = await run('yes line | head -c 20000000; exit 1')
    expect(result).toMatchObject({ healthy: false, message: 'exited with code 1: line' })
  })

  it('says what cannot be started', async () => {
    expect((await run('', { command: '/no/such/program' })).message).toMatch(/there is no program/)
    expect((await run('', { command: 'a | b' })).message).toMatch(/shell operator/)
  })
})
