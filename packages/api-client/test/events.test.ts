import { array, assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { createEventParser, type LiveEvent } from '../src/index.ts'

const STREAM =
  'retry: 1000\n\n:\n\nevent: a.b\ndata: {"n":1}\n\nevent: c\r\ndata: {"text":\r\ndata: "x"}\r\n\r\ndata: 2\n\n'
const EVENTS: LiveEvent[] = [
  { name: 'a.b', data: { n: 1 } },
  { name: 'c', data: { text: 'x' } },
  { name: 'message', data: 2 },
]

test('events come out the same however the text is cut', () => {
  assert(
    property(array(integer({ min: 0, max: STREAM.length })), (cuts) => {
      const seen: LiveEvent[] = []
      const parse = createEventParser((event) => seen.push(event))
      let from = 0
      for (const cut of [...cuts.toSorted((a, b) => a - b), STREAM.length]) {
        parse(STREAM.slice(from, cut))
        from = cut
      }
      expect(seen).toEqual(EVENTS)
    }),
  )
})
