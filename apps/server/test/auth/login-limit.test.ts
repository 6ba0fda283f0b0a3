import { fakeClock } from '@millrace/testing'
import { expect, test } from 'vitest'
import {
  ATTEMPTS_PER_ADDRESS,
  ATTEMPTS_PER_NAME,
  ATTEMPTS_PER_USER,
  createLoginLimit,
  WINDOW_MS,
} from '../../src/auth/login-limit.ts'

const exhaust = (limit: ReturnType<typeof createLoginLimit>, address: string, name: string): void => {
  for (let i = 0; i < ATTEMPTS_PER_USER; i++) expect(limit.attempt(address, name)).toBe(0)
}

test('the eleventh attempt within five minutes waits until the first is five minutes old', async () => {
  const clock = fakeClock()
  const limit = createLoginLimit(clock)
  exhaust(limit, '10.0.0.1', 'admin')
  await clock.advance(60_000)
  expect(limit.attempt('10.0.0.1', 'admin')).toBe(WINDOW_MS - 60_000)
  await clock.advance(WINDOW_MS - 60_000)
  expect(limit.attempt('10.0.0.1', 'admin')).toBe(0)
})

test('refused attempts do not prolong the wait', async () => {
  const clock = fakeClock()
  const limit = createLoginLimit(clock)
  exhaust(limit, 'a', 'admin')
  for (let i = 0; i < 50; i++) expect(limit.attempt('a', 'admin')).toBe(WINDOW_MS)
  await clock.advance(WINDOW_MS)
  expect(limit.attempt('a', 'admin')).toBe(0)
})

test('another address or another name is not affected', () => {
  const limit = createLoginLimit(fakeClock())
  exhaust(limit, 'a', 'admin')
  expect(limit.attempt('b', 'admin')).toBe(0)
  expect(limit.attempt('a', 'maria')).toBe(0)
})

test('a success forgets the failures before it', () => {
  const limit = createLoginLimit(fakeClock())
  exhaust(limit, 'a', 'admin')
  limit.succeeded('a', 'admin')
  expect(limit.attempt('a', 'admin')).toBe(0)
})

test('one address that tries many names is stopped as well', () => {
  const limit = createLoginLimit(fakeClock())
  for (let i = 0; i < ATTEMPTS_PER_ADDRESS; i++) expect(limit.attempt('a', `user${i}`)).toBe(0)
  expect(limit.attempt('a', 'somebody-else')).toBe(WINDOW_MS)
})

test('many addresses that try one name are stopped as well, and a success of one does not open it to the others', () => {
  const limit = createLoginLimit(fakeClock())
  for (let i = 0; i < ATTEMPTS_PER_NAME; i++) expect(limit.attempt(`10.0.0.${i}`, 'admin')).toBe(0)
  limit.succeeded('10.0.0.1', 'admin')
  expect(limit.attempt('10.0.1.1', 'admin')).toBe(WINDOW_MS)
  expect(limit.attempt('10.0.1.1', 'maria')).toBe(0)
})
