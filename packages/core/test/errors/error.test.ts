import { describe, expect, it } from 'vitest'
import {
  coreErrors,
  defineErrors,
  listErrors,
  MillraceError,
  PROBLEM_CONTENT_TYPE,
  toProblem,
} from '../../src/index.ts'

const errors = defineErrors('TEST', {
  TOO_LONG: {
    status: 400,
    title: 'Too long',
    message: (d: { length: number; max: number }) =>
      `It has ${d.length} characters; at most ${d.max} are allowed.`,
  },
  BROKEN: { status: 500, title: 'Broken', message: (d: { path: string }) => `The file ${d.path} is broken.` },
  AWAY: { status: 503, title: 'Away', message: (d: { what: string }) => `${d.what} is away.`, expose: true },
})

describe('defineErrors', () => {
  it('makes errors with the package’s prefix, and keeps details and cause', () => {
    const cause = new Error('because')
    const error = errors.TOO_LONG({ length: 9, max: 8 }, cause)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'MillraceError',
      code: 'TEST_TOO_LONG',
      status: 400,
      title: 'Too long',
      message: 'It has 9 characters; at most 8 are allowed.',
      details: { length: 9, max: 8 },
      cause,
    })
    expect(errors.BROKEN({ path: 'x' })).not.toHaveProperty('cause')
  })

  it('exposes below 500 unless told otherwise', () => {
    expect(errors.TOO_LONG({ length: 1, max: 0 }).expose).toBe(true)
    expect(errors.BROKEN({ path: 'x' }).expose).toBe(false)
    expect(errors.AWAY({ what: 'x' }).expose).toBe(true)
  })

  it('lists its codes for the reference page', () => {
    expect(listErrors(errors)).toEqual([
      { code: 'TEST_TOO_LONG', status: 400, title: 'Too long' },
      { code: 'TEST_BROKEN', status: 500, title: 'Broken' },
      { code: 'TEST_AWAY', status: 503, title: 'Away' },
    ])
    expect(listErrors({})).toEqual([])
    expect(Object.keys(errors)).toEqual(['TOO_LONG', 'BROKEN', 'AWAY'])
  })

  it('has core codes of one prefix, each with a status of an error', () => {
    const entries = listErrors(coreErrors)
    expect(entries.length).toBeGreaterThan(10)
    expect(entries.filter(({ code }) => !code.startsWith('CORE_'))).toEqual([])
    expect(entries.filter(({ status }) => status < 400 || status > 599)).toEqual([])
  })
})

describe('MillraceError', () => {
  it('is recognised across copies of the package, by its brand', () => {
    const foreign = Object.assign(new Error('from elsewhere'), { [Symbol.for('millrace.error')]: true })
    expect(foreign instanceof MillraceError).toBe(true)
    expect(new Error('plain') instanceof MillraceError).toBe(false)
    expect((null as unknown) instanceof MillraceError).toBe(false)
    expect(('text' as unknown) instanceof MillraceError).toBe(false)
  })
})

describe('toProblem', () => {
  it('is an RFC 9457 document with the code and the details', () => {
    expect(toProblem(errors.TOO_LONG({ length: 9, max: 8 }), '/api/x')).toEqual({
      type: 'urn:millrace:error:TEST_TOO_LONG',
      title: 'Too long',
      status: 400,
      detail: 'It has 9 characters; at most 8 are allowed.',
      code: 'TEST_TOO_LONG',
      instance: '/api/x',
      length: 9,
      max: 8,
    })
    expect(PROBLEM_CONTENT_TYPE).toBe('application/problem+json')
  })

  it('keeps what must not leave the process inside', () => {
    for (const secret of [
      errors.BROKEN({ path: '/etc/secret' }),
      new Error('/etc/secret'),
      '/etc/secret',
      null,
    ]) {
      expect(JSON.stringify(toProblem(secret))).not.toContain('/etc/secret')
    }
    expect(toProblem(errors.BROKEN({ path: 'x' }))).toMatchObject({
      status: 500,
      code: 'TEST_BROKEN',
      title: 'Broken',
    })
    expect(toProblem(new Error('x'))).toMatchObject({
      status: 500,
      code: 'INTERNAL',
      title: 'Internal error',
    })
  })

  it('never takes an error for a success, whatever status it came with', () => {
    for (const status of [0, 200, 302, 399, 600, 400.5, Number.NaN]) {
      const error = new MillraceError('odd', { code: 'TEST_ODD', status, title: 'Odd', expose: true })
      expect(toProblem(error)).toMatchObject({ status: 500, code: 'TEST_ODD', detail: 'odd' })
    }
  })

  it('lets no detail overwrite the members of the document', () => {
    const sly = defineErrors('SLY', {
      ONE: {
        status: 400,
        title: 'One',
        message: (d: { status: number; type: string }) => `${d.status} ${d.type}`,
      },
    })
    expect(toProblem(sly.ONE({ status: 200, type: 'x' }))).toMatchObject({
      status: 400,
      code: 'SLY_ONE',
      title: 'One',
    })
    expect(toProblem(sly.ONE({ status: 200, type: 'x' })).type).toBe('urn:millrace:error:SLY_ONE')
  })
})
