import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadConfig } from '@millrace/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { init, renderConfig } from '../../src/commands/init.ts'
import { applicationName, lookAtApplication } from '../../src/commands/look-at-application.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-init-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(files: Record<string, unknown>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
}

describe('lookAtApplication', () => {
  it.each([
    [{ scripts: { start: 'node server.js --fast' } }, 'node server.js --fast'],
    [{ scripts: { start: 'NODE_ENV=production node server.js' } }, 'npm run start'],
    [{ scripts: { start: 'next start -p 3000' }, dependencies: { next: '16.0.0' } }, 'next start'],
    [{ dependencies: { '@nestjs/core': '11.0.0' } }, 'node dist/main.js'],
    [{ main: 'lib/app.js' }, 'node lib/app.js'],
    [{}, 'node server.js'],
  ])('starts %j as %s', (manifest, command) => {
    write({ 'package.json': manifest, 'lib/app.js': '', 'server.js': '' })
    expect(lookAtApplication(folder).command).toBe(command)
  })

  it('warns of a fixed port, and says when it found nothing', () => {
    write({ 'package.json': { scripts: { start: 'vite preview --port 4173' } } })
    expect(lookAtApplication(folder).notes.join()).toContain('fixed port')
    rmSync(join(folder, 'package.json'))
    expect(lookAtApplication(folder)).toMatchObject({ command: undefined, because: 'nothing found' })
  })

  it.each([
    ['@shop/web Server', 'web-server'],
    ['42', 'app'],
    ['9lives', 'lives'],
    ['Ünïcode', 'n-code'],
  ])('calls %s %s', (text, name) => {
    expect(applicationName(text)).toBe(name)
  })
})

describe('init', () => {
  const texts: string[] = []
  const context = () => ({
    terminal: {
      out: (text: string) => void texts.push(text),
      err: () => {},
      interactive: false,
      color: false,
    },
    cwd: folder,
    env: {},
  })

  it('writes a file that loads, and never over another one unless told to', async () => {
    write({ 'package.json': { name: '@acme/shop', scripts: { start: 'node server.js' } } })
    await init({}, context())
    const { config } = await loadConfig({
      cwd: folder,
      capabilities: [
        { name: 'gateway', config: (await import('zod')).z.object({ port: (await import('zod')).z.int() }) },
      ],
    })
    expect(config.applications['shop']).toMatchObject({ command: 'node server.js', instances: 1 })
    expect(config['gateway']).toEqual({ port: 3000 })
    await expect(init({}, context())).rejects.toMatchObject({ code: 'CLI_FILE_EXISTS' })
    await init({ force: true }, context())
    expect(texts.join('')).toContain('Next: millrace up')
  })

  it('keeps names and commands with quotes intact', () => {
    const text = renderConfig({
      name: 'a-b',
      command: `node -e "it's"`,
      because: 'x',
      framework: undefined,
      notes: [],
    })
    expect(text).toContain(`command: ${JSON.stringify(`node -e "it's"`)}`)
    expect(text).toContain('database: "a_b"')
  })
})
