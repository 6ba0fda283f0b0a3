import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../src/index.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(`${tmpdir()}/millrace-cli-`)
})
afterAll(() => rmSync(folder, { recursive: true }))

async function cli(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const code = await run(argv, {
    terminal: {
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      interactive: false,
      color: false,
    },
    cwd: folder,
    env: {},
  })
  return { code, out, err }
}

describe('millrace', () => {
  it('shows what there is when asked for nothing', async () => {
    for (const argv of [[], ['--help']]) {
      const { code, out } = await cli(...argv)
      expect(code).toBe(0)
      for (const command of ['up', 'init', 'status', 'config', 'password'])
        expect(out).toContain(`\n  ${command}`)
    }
  })

  it('prints its version', async () => {
    expect((await cli('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('answers wrong usage with exit code 2', async () => {
    expect(await cli('up', '--nope')).toMatchObject({
      code: 2,
      err: expect.stringContaining('unknown option'),
    })
    const both = await cli('up', '--upstream', 'x', '--', 'node', 'y.js')
    expect(both).toMatchObject({ code: 2, err: expect.stringContaining('exclude each other') })
    const many = await cli('up', '--instances', 'lots', '--', 'node', 'y.js')
    expect(many).toMatchObject({ code: 2, err: expect.stringContaining('1 to 256 or auto') })
  })

  it('says what to type when there is nothing to run', async () => {
    const { code, err } = await cli('up')
    expect(code).toBe(1)
    expect(err).toContain('millrace up -- node server.js')
  })

  it('says that nothing runs here, as JSON too', async () => {
    expect(await cli('status')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Start it with: millrace up'),
    })
    const { out } = await cli('scaling', 'list', '--json')
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'CLI_NOT_RUNNING' } })
  })

  it('prints the configuration with origins and without secrets', async () => {
    const { out } = await cli('config', 'print', '--json', '--data-dir', 'state')
    const { settings } = JSON.parse(out) as { settings: { path: string; value: unknown; origin: string }[] }
    expect(settings.find(({ path }) => path === 'dataDir')).toMatchObject({
      value: expect.stringMatching(/state$/),
      origin: 'flag',
    })
    expect(settings.find(({ path }) => path === 'scaling.maxInstances')).toMatchObject({
      origin: 'default',
      value: 10,
    })
    expect((await cli('config', 'print')).out).toContain('settings at their default')
  })
})
