import { setImmediate as turn } from 'node:timers/promises'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { serveExpress } from './express-server.ts'

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ ask: fc.constantFrom('a', 'b', 'c'), turns: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ how: fc.constantFrom('key', 'pattern', 'page', 'tag', 'clear') }) },
  { weight: 3, arbitrary: fc.record({ wait: fc.nat(40) }) },
)

it('never answers with what was true before an invalidation that was over when the request began', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 60 }),
      fc.boolean(),
      async (steps, varies) => {
        let state = 0
        const { port, cache } = await serveExpress((app, cache) => {
          app.get(
            '/p',
            cache.middleware('PRODUCTS', { tags: () => ['products'] }),
            async (request, response) => {
              const seen = state
              for (let i = Number(request.headers['x-turns']); i > 0; i--) await turn()
              if (varies) response.vary('x-who')
              response.send(String(seen))
            },
          )
        })
        const page = `GET 127.0.0.1:${port}/p`
        const invalidate = {
          key: () => cache.delete('PRODUCTS', page),
          page: () => cache.delPattern(`PRODUCTS:${page}`),
          pattern: () => cache.delPattern('PRODUCTS:*'),
          tag: () => cache.invalidateTags(['products']),
          clear: () => cache.clear(),
        }
        const answers: Promise<{ least: number; seen: number }>[] = []
        for (const each of steps) {
          if ('wait' in each) for (let i = 0; i < each.wait; i++) await turn()
          else if ('how' in each) {
            state++
            await invalidate[each.how]()
          } else {
            const least = state
            const headers = { 'x-who': each.ask, 'x-turns': String(each.turns) }
            const answer = fetch(`http://127.0.0.1:${port}/p`, { headers }).then((response) =>
              response.text(),
            )
            answers.push(answer.then((text) => ({ least, seen: Number(text) })))
          }
        }
        const stale = (await Promise.all(answers)).filter(({ least, seen }) => !(seen >= least))
        expect(stale).toEqual([])
      },
    ),
    { numRuns: 150 },
  )
}, 60_000)
