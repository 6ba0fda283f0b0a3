import { decodeSequences, RECORD_KINDS, scanRecords } from './record.ts'

export interface JournalEntry {
  sequence: number
  payload: Buffer
}

export interface Replay {
  /** Of the journal; undefined when there was none. */
  id: string | undefined
  /** The highest sequence number ever issued, as far as the journal knows. */
  last: number
  /** Not settled, in order; several of one key are possible, of which the last counts. */
  entries: (JournalEntry & { segment: number })[]
  segments: { file: string; bytes: number }[]
  /** What a disk damaged in the middle of files: entries may have been lost. */
  damagedBytes: number
}

/** What the files say, oldest first. */
export function replaySegments(files: readonly (readonly [file: string, bytes: Buffer])[]): Replay {
  const entries = new Map<number, JournalEntry & { segment: number }>()
  const replay: Replay = { id: undefined, last: 0, entries: [], segments: [], damagedBytes: 0 }
  for (const [segment, [file, bytes]] of files.entries()) {
    replay.segments.push({ file, bytes: bytes.length })
    const { records, damagedBytes } = scanRecords(bytes)
    replay.damagedBytes += damagedBytes
    for (const { kind, sequence, payload } of records) {
      if (sequence > replay.last) replay.last = sequence
      if (kind === RECORD_KINDS.header) replay.id ??= idOf(payload)
      else if (kind === RECORD_KINDS.entry) entries.set(sequence, { sequence, payload, segment })
      else for (const settled of decodeSequences(payload)) entries.delete(settled)
    }
  }
  replay.entries = [...entries.values()].sort((a, b) => a.sequence - b.sequence)
  return replay
}

function idOf(payload: Buffer): string | undefined {
  try {
    return (JSON.parse(payload.toString()) as { id: string }).id
  } catch {
    return undefined
  }
}
