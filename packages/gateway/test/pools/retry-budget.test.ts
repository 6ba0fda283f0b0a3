import { expect, it } from 'vitest'
import { RetryBudget } from '../../src/pools/retry-budget.ts'

const spend = (budget: RetryBudget, now: number): number => {
  let count = 0
  while (budget.withdraw(now)) count++
  return count
}

it('allows a minimum per second without any traffic', () => {
  const budget = new RetryBudget(0)
  expect(spend(budget, 0)).toBe(10)
  expect(spend(budget, 100)).toBe(1)
  expect(spend(budget, 1_100)).toBe(10)
  // Quiet time does not add up.
  expect(spend(budget, 60_000)).toBe(10)
})

it('adds a fifth of the requests', () => {
  const budget = new RetryBudget(0)
  spend(budget, 0)
  for (let i = 0; i < 100; i++) budget.deposit()
  expect(spend(budget, 0)).toBe(20)
})

it('does not save up without bound', () => {
  const budget = new RetryBudget(0)
  for (let i = 0; i < 100_000; i++) budget.deposit()
  expect(spend(budget, 0)).toBeLessThanOrEqual(200)
})
