import { packets, requests, response } from './grammar.ts'
import { Random } from './random.ts'
import { NodeRequests, WireRequests } from './request-readers.ts'
import { readByNode, readByWire } from './response-readers.ts'
import { compare, type Reading, type Verdict } from './seen.ts'
import { turn } from './wire-stream.ts'

/** Cases that are under way at the same time: streams need a few turns of the event loop. */
const BATCH = 64

export interface Finding {
  direction: 'request' | 'response'
  /** Which makes this one case again. */
  seed: number
  bytes: string
  why: string
  ours: Reading
  theirs: Reading
}

export interface FuzzReport {
  cases: number
  /** Read the same by both, by direction. */
  accepted: Record<'request' | 'response', number>
  /** Refused, or not complete, by both. */
  refused: Record<'request' | 'response', number>
  /** Refused by llhttp before the head is complete, by ours not yet. */
  later: number
  /** Refused by ours only, by rule. */
  stricter: Record<string, number>
  wrong: Finding[]
}

interface Case {
  direction: 'request' | 'response'
  seed: number
  bytes: Buffer
  whole: () => Reading
  split: () => Reading
  theirs: () => Reading
}

/** Reads the same bytes with llhttp and with ours, whole and in packets, and compares what they made of it. */
export async function fuzzHttp1(options: {
  cases: number
  seed: number
  maxFindings?: number
  progress?: (report: FuzzReport) => void
}): Promise<FuzzReport> {
  const report: FuzzReport = {
    cases: 0,
    accepted: { request: 0, response: 0 },
    refused: { request: 0, response: 0 },
    later: 0,
    stricter: {},
    wrong: [],
  }
  const node = new NodeRequests()
  const wire = new WireRequests()
  const { cases, seed, maxFindings = 20, progress } = options
  while (report.cases < cases && report.wrong.length < maxFindings) {
    const batch: Case[] = []
    for (let i = 0; i < BATCH && report.cases + i < cases; i++)
      batch.push(begin((seed + report.cases + i) >>> 0, node, wire))
    for (let i = 0; i < 4; i++) await turn()
    for (const each of batch) note(report, each)
    progress?.(report)
  }
  return report
}

function begin(seed: number, node: NodeRequests, wire: WireRequests): Case {
  const random = new Random(Math.imul(seed, 0x9e3779b1))
  if (random.chance(0.6)) {
    const bytes = requests(random)
    const parts = packets(random, bytes)
    return {
      direction: 'request',
      seed,
      bytes,
      whole: wire.read([bytes]),
      split: wire.read(parts),
      theirs: node.read([bytes]),
    }
  }
  const bytes = response(random)
  const parts = packets(random, bytes)
  const method = random.of(['GET', 'GET', 'GET', 'POST', 'HEAD'])
  return {
    direction: 'response',
    seed,
    bytes,
    whole: () => readByWire(method, [bytes]),
    split: () => readByWire(method, parts),
    theirs: readByNode(method, [bytes]),
  }
}

/** What packets may not change: which of several broken rules is seen first, and how much of a body came before, they may. */
const settled = ({ messages, refused }: Reading): string =>
  JSON.stringify([
    messages.map((message) => (message.complete ? message : { ...message, body: '' })),
    refused !== undefined,
  ])

function note(report: FuzzReport, { direction, seed, bytes, whole, split, theirs }: Case): void {
  const [ours, parted, reference] = [whole(), split(), theirs()]
  report.cases++
  const steady = settled(ours) === settled(parted)
  const verdict: Verdict = steady
    ? compare(ours, reference)
    : { kind: 'wrong', why: 'packets make a difference' }
  if (verdict.kind === 'same') {
    const complete = ours.messages.length > 0 && ours.messages.every((message) => message.complete)
    const kind = complete && ours.refused === undefined ? 'accepted' : 'refused'
    report[kind][direction]++
  } else if (verdict.kind === 'stricter') {
    const rule = `${direction}: ${verdict.rule}`
    report.stricter[rule] = (report.stricter[rule] ?? 0) + 1
  } else if (verdict.kind === 'later') report.later++
  else
    report.wrong.push({
      direction,
      seed,
      bytes: bytes.toString('latin1'),
      why: verdict.why,
      ours: steady ? ours : parted,
      theirs: steady ? reference : ours,
    })
}
