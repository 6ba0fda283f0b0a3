import { expect, test } from 'vitest'
import { databaseProblem } from '../../src/database/failure.ts'

const failure = (extra: object, message = 'x'): Error => Object.assign(new Error(message), extra)
const codeOf = (error: unknown): string | undefined => databaseProblem(error)?.code

test('a server that is away or gave up is unavailable; node’s codes count only on a connection', () => {
  const refused = failure({ code: 'ECONNREFUSED', syscall: 'connect' })
  for (const error of [
    refused,
    new AggregateError([refused]),
    failure({ code: '57P01' }),
    failure({ code: '57014' }, 'canceling statement due to statement timeout'),
    failure({ code: '25006' }, 'cannot execute INSERT in a read-only transaction'),
    failure({}, 'Connection terminated unexpectedly'),
    failure({}, 'Query read timeout'),
  ]) {
    expect([error.message, codeOf(error)]).toEqual([error.message, 'SERVER_DATABASE_UNAVAILABLE'])
  }
  expect(codeOf(failure({ code: 'ENOENT', syscall: 'open' }))).toBeUndefined()
  expect(codeOf(failure({ code: '42P01' }))).toBeUndefined()
  expect(codeOf('ECONNREFUSED')).toBeUndefined()
})

test('a full disk is named as such', () => {
  const full = failure({ code: '53100' }, 'could not extend file "base/1/2": No space left on device')
  expect(databaseProblem(full)).toMatchObject({ code: 'SERVER_STORAGE_FULL', status: 507, expose: true })
  expect(codeOf(failure({ code: '58030' }, 'could not write: No space left on device'))).toBe(
    'SERVER_STORAGE_FULL',
  )
  expect(codeOf(failure({ code: '58030' }, 'could not read: Input/output error'))).toBeUndefined()
})

test('text that cannot be stored is the sender’s affair', () => {
  for (const code of ['22021', '22P05']) expect(codeOf(failure({ code }))).toBe('SERVER_REQUEST_REFUSED')
  expect(codeOf(failure({ code: '22P02' }, 'invalid input syntax for type json'))).toBe(
    'SERVER_REQUEST_REFUSED',
  )
  expect(codeOf(failure({ code: '22P02' }, 'invalid input syntax for type bigint'))).toBeUndefined()
})
