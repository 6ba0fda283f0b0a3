import { describe, expect, test } from 'vitest'
import { carryTime } from '../../src/app/links.ts'
import { sectionAt, SECTIONS } from '../../src/app/navigation.ts'
import { TAB_SCREENS } from '../../src/app/screens.tsx'

describe('the map of the panel', () => {
  test('paths and keys are unique', () => {
    for (const key of ['path', 'shortcut'] as const) {
      expect(new Set(SECTIONS.map((section) => section[key])).size).toBe(SECTIONS.length)
    }
    for (const { tabs } of SECTIONS) expect(new Set(tabs.map(({ path }) => path)).size).toBe(tabs.length)
  })

  test('every tab has either a screen or a plan, never both and never neither', () => {
    const screens = SECTIONS.flatMap(({ path, tabs }) =>
      tabs.filter(({ plan }) => plan === undefined).map((tab) => `${path}/${tab.path}`),
    )
    expect(screens.toSorted()).toEqual(Object.keys(TAB_SCREENS).toSorted())
  })

  test('a path finds its section', () => {
    expect(sectionAt('/performance/api')?.title).toBe('Performance')
    expect(sectionAt('/nothing')).toBeUndefined()
  })
})

describe('links', () => {
  test('carry the time and nothing else', () => {
    expect(carryTime('/scaling', '?range=1h&q=shop&compare=previous&live=off')).toBe(
      '/scaling?range=1h&compare=previous&live=off',
    )
    expect(carryTime('/scaling', '?q=shop')).toBe('/scaling')
  })

  test('keep what they state themselves', () => {
    expect(carryTime('/performance/api?range=5m', '?range=1h')).toBe('/performance/api?range=5m')
  })
})
