import type { BehindParts } from './behind-types.ts'
import { WriteBehind } from './behind.ts'
import { DeadLetters } from './dead-letters.ts'
import { Journal } from './journal/journal.ts'

/**
 * Locks the journal, takes up what an earlier process left, and begins to deliver.
 * @throws CACHE_JOURNAL_LOCKED, CACHE_JOURNAL_UNWRITABLE
 */
export async function openBehind(parts: BehindParts): Promise<WriteBehind> {
  const { behind, limits, namespace } = parts
  const { directory, durability, maxDeadLetters } = behind
  let queue: WriteBehind | undefined
  const payloadOf = (sequence: number): Buffer | undefined => queue?.payloadOf(sequence)
  const { journal, replay } = await Journal.open({ ...behind, payloadOf })
  try {
    const { damagedBytes } = replay
    if (damagedBytes > 0) {
      const facts = { namespace, directory, damagedBytes }
      limits.logger.error(facts, 'a write-behind journal is damaged: writes may be lost')
    }
    const dead = await DeadLetters.open(directory, { durability, max: maxDeadLetters, seal: journal.seal })
    queue = new WriteBehind(parts, journal, dead, damagedBytes)
    queue.start(replay)
    return queue
  } catch (error) {
    await journal.close()
    throw error
  }
}
