import { describe, expect, it } from 'vitest'
import { parseOptions, UsageError } from '../traffic/options.ts'

describe('parseOptions', () => {
  it('fills in the defaults', () => {
    expect(parseOptions([])).toEqual({
      target: new URL('http://127.0.0.1:3000'),
      rate: 40,
      durationSeconds: undefined,
      dayMinutes: 10,
      seed: 'tailrace',
      thinkMs: 900,
      json: false,
    })
  })

  it('reads every option', () => {
    const args = [
      '--target',
      'http://localhost:8080',
      '--rate',
      '2.5',
      '--duration',
      '30',
      '--day-minutes',
      '0',
    ]
    expect(parseOptions([...args, '--seed', 'x', '--think-ms', '0', '--json'])).toMatchObject({
      target: new URL('http://localhost:8080'),
      rate: 2.5,
      durationSeconds: 30,
      dayMinutes: undefined,
      seed: 'x',
      thinkMs: 0,
      json: true,
    })
  })

  it.each(['http://localhost:1', 'http://127.0.0.1', 'http://127.8.9.1:3000', 'http://[::1]:3000'])(
    'takes %s for this machine',
    (target) => {
      expect(parseOptions(['--target', target])?.target.href).toBe(new URL(target).href)
    },
  )

  it.each([
    'https://example.com',
    'http://10.0.0.1',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
  ])('refuses to load %s unless told so', (target) => {
    expect(() => parseOptions(['--target', target])).toThrow('--allow-remote')
    expect(parseOptions(['--target', target, '--allow-remote'])?.target.href).toBe(new URL(target).href)
  })

  it.each([
    [['--rate', '0']],
    [['--rate', 'fast']],
    [['--rate', '']],
    [['--duration', '-1']],
    [['--day-minutes', '99999']],
    [['--target', 'ftp://localhost']],
    [['--target', 'localhost']],
    [['--unknown']],
    [['stray']],
  ])('names what is wrong with %j', (args) => {
    expect(() => parseOptions(args)).toThrow(UsageError)
  })

  it('asks for help with --help and -h', () => {
    expect(parseOptions(['--help'])).toBeUndefined()
    expect(parseOptions(['-h'])).toBeUndefined()
  })
})
