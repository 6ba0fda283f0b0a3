import { expect, it } from 'vitest'
import { HintMemory, hintsOf } from '../../src/early-hints/hint-memory.ts'

it('takes links that browsers can follow at once, and no others', () => {
  const raw = [
    'Link',
    '</a.css>; rel=preload; as=style, </b>; rel=next, <https://c.example/x,y>; rel="preconnect"',
    'link',
    '</m.js>; rel="modulepreload"; title="a, b"',
    'x-link',
    '</no>; rel=preload',
    'link',
    '</no>; rel=prefetch; title="rel=preload"',
  ]
  expect(hintsOf(raw)).toEqual([
    '</a.css>; rel=preload; as=style',
    '<https://c.example/x,y>; rel="preconnect"',
    '</m.js>; rel="modulepreload"; title="a, b"',
  ])
  const many = Array.from({ length: 40 }, (_, at) => `</${at}>; rel=preload`).join(', ')
  expect(hintsOf(['link', many])).toHaveLength(16)
  const long = `</${'a'.repeat(3_000)}>; rel=preload`
  expect(hintsOf(['link', long])).toEqual([])
  expect(hintsOf(['link', `${long}, </b>; rel=preload`])).toEqual(['</b>; rel=preload'])
  expect(hintsOf(['link', `${'<'.repeat(50)}</b>; rel=preload`])).toEqual(['</b>; rel=preload'])
  expect(hintsOf(['link', '</b\u0001>; rel=preload'])).toEqual([])
})

it('keeps 200 pages, the last ones, for ten minutes; a page without hints is forgotten', () => {
  const memory = new HintMemory()
  const link = ['link', '</a.css>; rel=preload']
  for (let at = 0; at < 201; at++) memory.learn(`/${at}`, link, at)
  expect(memory.find('/0', 300)).toBeUndefined()
  expect(memory.find('/1', 300)).toEqual(['</a.css>; rel=preload'])
  memory.learn('/1', [], 400)
  expect(memory.find('/1', 400)).toBeUndefined()
  expect(memory.find('/200', 600_200)).toBeDefined()
  expect(memory.find('/200', 600_201)).toBeUndefined()
})
