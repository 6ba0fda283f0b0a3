import { coreErrors, forwardLog } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { duration } from '../../src/commands/status.ts'
import { createConsoleLogger, formatLine } from '../../src/output/console-log.ts'
import { renderError } from '../../src/output/render-error.ts'
import { renderResult, renderTable, renderValue } from '../../src/output/table.ts'

const line = (fields: Record<string, unknown>): string =>
  JSON.stringify({ level: 30, time: '2026-01-01T12:00:00.000Z', pid: 1, ...fields })
/** Without the time, which is local. */
const format = (fields: Record<string, unknown>): string => formatLine(line(fields), false).slice(9)

describe('formatLine', () => {
  it('keeps everything on one line, prefixed by who said it', () => {
    expect(format({ instance: 'shop/1', stream: 'stdout', msg: 'a\nb' })).toBe('shop/1         a ⏎ b')
    expect(format({ component: 'gateway', msg: 'up', port: 3000, list: [1] })).toBe(
      'gateway        up port=3000 list=[1]',
    )
  })

  it('names the level when it matters and shows the error', () => {
    expect(format({ level: 50, msg: 'it broke', err: { message: 'disk full' } })).toBe(
      'millrace       error it broke disk full',
    )
  })

  it('unwraps an application that logs JSON itself', () => {
    const msg = JSON.stringify({ level: 40, time: 1, msg: 'low stock', sku: 'A1' })
    expect(format({ instance: 'shop/1', msg })).toBe('shop/1         warning low stock sku=A1')
    expect(format({ instance: 'shop/1', msg: '{not json' })).toBe('shop/1         {not json')
  })
})

describe('createConsoleLogger', () => {
  it('writes JSON lines for programs and hides secrets', () => {
    const lines: string[] = []
    const write = (text: string): void => void lines.push(text)
    const logger = createConsoleLogger({ level: 'info', format: 'json', color: false, write })
    logger.info({ password: 'x', url: 'u' }, 'up')
    logger.debug('not this')
    expect(lines.map((text) => JSON.parse(text) as object)).toMatchObject([
      { msg: 'up', password: '[redacted]', url: 'u' },
    ])
  })

  it('passes lines of a child on at their own level', () => {
    const lines: string[] = []
    const write = (text: string): void => void lines.push(text)
    const logger = createConsoleLogger({ level: 'info', format: 'json', color: false, write })
    const own = logger.child({ component: 'control-plane' })
    forwardLog(own, 'control-plane', line({ level: 50, msg: 'no', component: 'cache' }), 'stdout')
    forwardLog(own, 'control-plane', line({ level: 30, msg: 'yes', component: 'control-plane' }), 'stdout')
    forwardLog(own, 'control-plane', line({ level: 20, msg: 'debug' }), 'stdout')
    forwardLog(own, 'control-plane', 'Error: plain', 'stderr')
    for (const text of lines) expect(text.split('"component"')).toHaveLength(2)
    expect(lines.map((text) => JSON.parse(text) as object)).toMatchObject([
      { level: 50, msg: 'no', component: 'control-plane', part: 'cache' },
      { level: 30, msg: 'yes', component: 'control-plane' },
      { level: 40, msg: 'Error: plain', component: 'control-plane' },
    ])
  })
})

describe('renderError', () => {
  it('says what to do, then the code, without a stack', () => {
    const error = coreErrors.RUNTIME_UNAVAILABLE({ host: 'scaling', method: 'scale', reason: 'none' })
    expect(renderError(error, { color: false, debug: false })).toBe(
      `error ${error.message}\nStart the supervisor with: millrace up\nCORE_RUNTIME_UNAVAILABLE\n`,
    )
  })

  it('shows where an error of ours came from', () => {
    expect(renderError(new Error('oops'), { color: false, debug: false })).toContain('at ')
  })
})

describe('tables and values', () => {
  it('aligns columns', () => {
    expect(
      renderTable([
        ['A', 'B'],
        ['long', 'x'],
        ['y', ''],
      ]),
    ).toBe('  A     B\n  long  x\n  y\n')
  })

  it('prints nested values', () => {
    expect(renderValue({ a: 1, b: [{ c: 'x', d: 2 }], e: [], f: {}, g: undefined })).toBe(
      'a: 1\nb:\n  - c: x\n    d: 2\ne: (none)\nf: {}\n',
    )
  })

  it('prints a list of like things as a table, with a dash for what is not known', () => {
    const rows = [
      { tier: 'shared', entries: null, note: 'a note' },
      { tier: 'memory', entries: 12 },
    ]
    expect(renderValue({ tiers: rows })).toBe(
      'tiers:\n  tier    entries  note\n  shared  -        a note\n  memory  12       -\n',
    )
    expect(renderValue([{ a: [1] }, { a: [2] }])).toBe('- a:\n    - 1\n- a:\n    - 2\n')
  })

  it('prints a document as it is, and any other result as values', () => {
    expect(renderResult({ format: 'nginx', document: '# a\nhttp {\n}\n', notExported: [] })).toBe(
      '# a\nhttp {\n}\n',
    )
    expect(renderResult({ document: { a: 1 } })).toBe('document:\n  a: 1\n')
    expect(renderResult('text')).toBe('text\n')
  })

  it.each([
    [4_000, '4 s'],
    [61_000, '1 min'],
    [3_700_000, '1 h 1 min'],
    [90_000_000, '1 d 1 h'],
  ])('%i ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })
})
