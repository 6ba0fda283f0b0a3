import { latin1 } from './characters.ts'

/** Slots of the table; a name that falls into the slot of another takes its place. */
const SLOTS = 1_024
/** Longer names are rare, and made anew each time. */
const MAX_LENGTH = 40

const names: string[] = Array.from({ length: SLOTS }, () => '')

/**
 * The name of a field as a string that most requests share, so that looking it up needs no hash of its characters and
 * nothing of the head it came in is kept. `hash` is any function of its bytes.
 */
export function internName(head: Buffer, from: number, to: number, hash: number): string {
  const length = to - from
  if (length > MAX_LENGTH) return latin1(head, from, to)
  const slot = hash & (SLOTS - 1)
  const known = names[slot]!
  if (known.length === length) {
    let i = 0
    while (i < length && known.charCodeAt(i) === head[from + i]) i++
    if (i === length) return known
  }
  return (names[slot] = latin1(head, from, to))
}
