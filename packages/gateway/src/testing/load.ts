import type { Agent } from 'node:http'
import type { Fixture } from './fixture.ts'

/** Asks without pause over several connections until told to stop; everything must be a 200. */
export function load(
  fixture: Fixture,
  methods: readonly string[] = ['GET', 'POST'],
  lanes = 8,
): { answered(): number; stop(): Promise<{ answered: number; failed: string[] }> } {
  const state = { running: true, answered: 0 }
  const failed: string[] = []
  const lane = async (agent: Agent): Promise<void> => {
    for (let i = 0; state.running; i++) {
      try {
        const method = methods[i % methods.length]!
        const { status } = await fixture.ask('/', {
          agent,
          method,
          ...(method === 'POST' ? { body: 'x' } : {}),
        })
        if (status === 200) state.answered++
        else failed.push(String(status))
      } catch (error) {
        failed.push(String(error))
      }
    }
  }
  const done = Promise.all(Array.from({ length: lanes }, () => lane(fixture.agent())))
  return {
    answered: () => state.answered,
    async stop() {
      state.running = false
      await done
      return { answered: state.answered, failed }
    },
  }
}
