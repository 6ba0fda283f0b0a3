import { Server } from 'node:net'
import { describe, expect, it } from 'vitest'
import { withHost } from '../../src/http/listen.ts'

const callback = (): void => {}
const server = new Server()

describe('withHost', () => {
  it.each([
    [[], [{ port: 0, host: 'H' }]],
    [[callback], [{ port: 0, host: 'H' }, callback]],
    [
      [undefined, callback],
      [{ port: 0, host: 'H' }, callback],
    ],
    [[3000], [{ port: 3000, host: 'H' }]],
    [
      ['3000', callback],
      [{ port: 3000, host: 'H' }, callback],
    ],
    [
      [3000, undefined, callback],
      [{ port: 3000, host: 'H' }, callback],
    ],
    [
      [3000, 128, callback],
      [{ port: 3000, host: 'H', backlog: 128 }, callback],
    ],
    [
      [{ port: 3000, exclusive: true }, callback],
      [{ port: 3000, exclusive: true, host: 'H' }, callback],
    ],
  ])('binds %j', (args, expected) => expect(withHost(args, 'H')).toEqual(expected))

  it.each([
    [[3000, '0.0.0.0']],
    [[3000, 'localhost', 10, callback]],
    [['/run/app.sock']],
    [[{ path: '/run/app.sock' }]],
    [[{ port: 3000, host: '::' }]],
    [[{ fd: 3 }]],
    [[server]],
    [[{ _handle: {} }, callback]],
  ])('leaves %j alone', (args) => expect(withHost(args, 'H')).toEqual(args))
})
