import { afterEach, expect, it } from 'vitest'
import type { Backend } from '../../src/pools/backend.ts'
import { WaitingLine, type Applicant, type Provider } from '../../src/pools/waiting-line.ts'

let line: WaitingLine | undefined
afterEach(() => line?.close())

it('who joins when a backend is just back does not make the others wait for their deadline', async () => {
  const backend = { notBefore: performance.now() + 10 } as Backend
  const served: string[] = []
  const names = new Map<Applicant, string>()
  const provider: Provider = {
    ready: [backend],
    choose: (_applicant, now) => (now >= backend.notBefore ? backend : undefined),
    assign: (applicant) => void served.push(names.get(applicant)!),
  }
  line = new WaitingLine(provider, 10, 60_000)
  const join = (name: string): void => {
    const applicant: Applicant = {
      tried: undefined,
      preferred: undefined,
      done: false,
      key: () => 0,
      assigned: () => undefined,
      refused: () => undefined,
    }
    names.set(applicant, name)
    line!.join(applicant, performance.now())
  }
  join('first')
  // A busy process: its timers are late.
  while (performance.now() < backend.notBefore + 5);
  join('second')
  await expect.poll(() => served, { timeout: 5_000 }).toEqual(['first', 'second'])
})
