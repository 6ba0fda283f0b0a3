import { expect, it } from 'vitest'
import { openFilesLimit, visitorsWithin } from '../../src/proxy/descriptor-limit.ts'

it.each([
  [Infinity, Infinity],
  [1_048_576, 524_256],
  [256, 96],
  [64, 1],
  [10, 1],
])('of %d open files, %d are for visitors', (openFiles, visitors) => {
  expect(visitorsWithin(openFiles)).toBe(visitors)
})

it('this process has a limit of open files, or none', () => {
  expect(openFilesLimit()).toBeGreaterThan(100)
})
