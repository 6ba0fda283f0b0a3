import { expect, it } from 'vitest'
import { parseRequestTarget } from '../../src/proxy/request-target.ts'

it.each([
  ['/a?b', { path: '/a?b', host: undefined }],
  ['//host/a', { path: '//host/a', host: undefined }],
  ['http://a.example/x?y', { path: '/x?y', host: 'a.example' }],
  ['HTTPS://a.example:81', { path: '/', host: 'a.example:81' }],
  ['http://a.example?x', { path: '/?x', host: 'a.example' }],
  ['*', undefined],
  ['a.example:443', undefined],
  ['http://user@a.example/', undefined],
  ['http:///x', undefined],
])('%s', (url, expected) => {
  expect(parseRequestTarget(url)).toEqual(expected)
})
