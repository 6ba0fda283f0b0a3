import { describe, expect, it } from 'vitest'
import { isCompressible, negotiateCoding } from '../../src/proxy/compression.ts'

describe('negotiateCoding', () => {
  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['br;q=0.1, gzip;q=0.9', 'gzip'],
    ['br;q=0.9;x=1, gzip;q=0.9', 'br'],
    ['*', 'br'],
    ['br;q=0, *', 'gzip'],
    ['*;q=0', 'none'],
    ['identity', 'none'],
    ['identity;q=1, br;q=0.5', 'none'],
    ['br;q=2', 'none'],
    ['deflate, zstd', 'none'],
    ['', 'none'],
    [' GZIP ; Q=1 ', 'gzip'],
  ])('%j → %s', (accept, expected) => {
    expect(negotiateCoding(accept)).toBe(expected)
  })
})

describe('isCompressible', () => {
  it.each([
    ['text/html; charset=utf-8', true],
    ['application/json', true],
    ['application/vnd.api+json', true],
    ['image/svg+xml', true],
    ['image/png', false],
    ['video/mp4', false],
    ['text/event-stream', false],
    ['Text/Event-Stream; charset=utf-8', false],
    ['nonsense', false],
  ])('%s: %s', (type, expected) => {
    expect(isCompressible(type)).toBe(expected)
  })
})
