import { useCallback } from 'react'
import { useLocation } from 'react-router'
import { TIME_KEYS } from '../time/range.ts'

/** Adds what every page shares (range, compare, live) to a path inside the panel; the rest of the URL stays behind. */
export function carryTime(path: string, search: string): string {
  const present = new URLSearchParams(search)
  const [pathname, query = ''] = path.split('?')
  const kept = new URLSearchParams(query)
  for (const key of TIME_KEYS) {
    const value = present.get(key)
    if (value !== null && !kept.has(key)) kept.set(key, value)
  }
  const text = kept.toString()
  return text === '' ? pathname! : `${pathname}?${text}`
}

/** `href('/performance/api')` for links that keep the time range. */
export function useHref(): (path: string) => string {
  const { search } = useLocation()
  return useCallback((path: string) => carryTime(path, search), [search])
}
