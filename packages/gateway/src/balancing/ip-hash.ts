import type { Balancer, Candidate } from './balancer.ts'
import { hashText } from './hash.ts'

/** A prime a hundred times the backends keeps shares within a percent (Maglev, section 5.3): up to 655 of them. */
const SLOTS = 65_537
/** Looked at before the table is left. */
const MAX_STEPS = 64
const EMPTY = 0xffff
/** A slot has 16 bits. What is beyond gets requests only when none of these may. */
const MAX_HASHED_BACKENDS = 65_535

/**
 * Consistent hashing by Maglev's table (Eisenbud et al., NSDI 2016): the same key gets the same backend, a backend that
 * comes or goes moves little more than its own share of the keys, and a choice is one look-up, however many backends there
 * are. One that is not available for a moment keeps its slots: its keys are spread over the others until it is back.
 * Workers agree, because the table depends on nothing but identifiers and weights. Filling it takes 2 to 20 milliseconds,
 * once per list. A weight below a 65,537th of the pool's gets no slot.
 */
export class IpHash implements Balancer {
  readonly keyed = true
  #list: readonly Candidate[] | undefined
  readonly #table = new Uint16Array(SLOTS)

  pick<Backend extends Candidate>(
    backends: readonly Backend[],
    now: number,
    excluded?: readonly Backend[],
    key = 0,
  ): Backend | undefined {
    if (backends.length === 0) return undefined
    if (backends !== this.#list) {
      fill(this.#table, backends)
      this.#list = backends
    }
    // Neighbours in the table belong to backends that have nothing to do with each other.
    const first = (key >>> 0) % SLOTS
    for (let step = 0, slot = first; step < MAX_STEPS; step++, slot = (slot + 1) % SLOTS) {
      const backend = backends[this.#table[slot]!]!
      if (backend.available(now) && excluded?.includes(backend) !== true) return backend
    }
    // Nearly all are out: whoever is left, beginning where this key does.
    for (let i = 0; i < backends.length; i++) {
      const backend = backends[(first + i) % backends.length]!
      if (backend.available(now) && excluded?.includes(backend) !== true) return backend
    }
    return undefined
  }
}

interface Turn {
  index: number
  /** The next of its own permutation, and what leads to the one after it. */
  slot: number
  readonly skip: number
  /** Of the heaviest one's: how much of a slot it is due in each round. */
  readonly weight: number
  taken: number
}

/**
 * Each backend takes the next free slot of its own permutation in turn, as often as its weight says: the k-th one in round
 * k / weight. Only those whose turn it is are looked at, so that one of a large weight among many costs no more than equal ones.
 */
function fill(table: Uint16Array, backends: readonly Candidate[]): void {
  table.fill(EMPTY)
  const turns = turnsOf(backends)
  // By round: whose turn it is, as a list in the order in which they came to it.
  const first = new Int32Array(SLOTS + 1).fill(-1)
  const last = new Int32Array(SLOTS + 1).fill(-1)
  const next = new Int32Array(turns.length).fill(-1)
  const enter = (at: number): void => {
    const { taken, weight } = turns[at]!
    const round = Math.ceil((taken + 1) / weight)
    // The heaviest one has a turn in each round, and the table is full by then.
    if (round > SLOTS) return
    if (first[round] === -1) first[round] = at
    else next[last[round]!] = at
    last[round] = at
    next[at] = -1
  }
  for (let at = 0; at < turns.length; at++) enter(at)
  let filled = 0
  for (let round = 1; round <= SLOTS; round++) {
    for (let at = first[round]!, following = -1; at !== -1; at = following) {
      const turn = turns[at]!
      while (table[turn.slot] !== EMPTY) turn.slot = (turn.slot + turn.skip) % SLOTS
      table[turn.slot] = turn.index
      if (++filled === SLOTS) return
      turn.taken++
      following = next[at]!
      enter(at)
    }
  }
}

/** In an order of their own, so that the order of the list makes no difference. */
function turnsOf(backends: readonly Candidate[]): Turn[] {
  let heaviest = 0
  for (const { weight } of backends) heaviest = Math.max(heaviest, weight)
  return backends
    .slice(0, MAX_HASHED_BACKENDS)
    .map(({ id, weight }, index) => ({ id, weight, index }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, weight, index }) => ({
      index,
      slot: hashText(id) % SLOTS,
      skip: 1 + (hashText(`${id}/skip`) % (SLOTS - 1)),
      weight: weight / heaviest,
      taken: 0,
    }))
}
