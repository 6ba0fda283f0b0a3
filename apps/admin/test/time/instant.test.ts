import { expect, test } from 'vitest'
import { formatWindow, fromLocalInput, toLocalInput } from '../../src/time/instant.ts'

const AT = new Date(2026, 10, 20, 14, 3, 7).getTime()

test('a window names its day once', () => {
  expect(formatWindow(AT, AT + 900_000)).toBe('2026-11-20 14:03:07 – 14:18:07')
  expect(formatWindow(AT, AT + 86_400_000)).toBe('2026-11-20 14:03:07 – 2026-11-21 14:03:07')
})

test('a date field reads back what it shows', () => {
  expect(toLocalInput(AT)).toBe('2026-11-20T14:03:07')
  expect(fromLocalInput(toLocalInput(AT))).toBe(AT)
  expect(fromLocalInput('')).toBeUndefined()
})
