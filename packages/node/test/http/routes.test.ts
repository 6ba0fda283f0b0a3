import { describe, expect, it } from 'vitest'
import { MAX_RAW_ROUTES, normalizePath, OTHER, RawRoutes } from '../../src/http/routes.ts'

describe('normalizePath', () => {
  it.each([
    ['/', '/'],
    ['', '/'],
    ['*', '/'],
    ['/about', '/about'],
    ['/users/42/orders?page=2', '/users/:id/orders'],
    ['/u/9b2e4c1a-7d7e-4f0e-9a54-2f3f6d2a1b3c', '/u/:id'],
    ['/t/01ARZ3NDEKTSV4RRFFQ69G5FAV/x', '/t/:id/x'],
    ['/h/0123456789abcdef0123', '/h/:id'],
    ['/a-rather-long-page-name-in-words', '/a-rather-long-page-name-in-words'],
    ['/assets/index-BkT3x9.js', '/assets/*.js'],
    ['/search/%E4%BD%A0', '/search/:id'],
    ['/1/2/3/4/5/6/7/8/9', '/:id/:id/:id/:id/:id/:id/:id/:id/*'],
  ])('%s → %s', (url, route) => expect(normalizePath(url)).toBe(route))

  it('has a bounded length', () => {
    expect(normalizePath(`/${'x/'.repeat(5_000)}`).length).toBeLessThanOrEqual(120)
    expect(normalizePath(`/${'y'.repeat(5_000)}`).length).toBeLessThanOrEqual(120)
  })
})

describe('RawRoutes', () => {
  it('stops making labels at its bound and keeps those it has', () => {
    const routes = new RawRoutes()
    const word = (i: number): string => `/${String.fromCodePoint(97 + (i % 26), 97 + Math.floor(i / 26))}`
    for (let i = 0; i < MAX_RAW_ROUTES; i++) expect(routes.routeOf(word(i))).toBe(word(i))
    expect(routes.routeOf('/one-more')).toBe(OTHER)
    expect(routes.routeOf(word(0))).toBe(word(0))
  })
})
