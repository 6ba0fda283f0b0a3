import { decodeSequences, headerOf, RECORD_KINDS, scanRecords } from './record.ts'

export interface JournalEntry {
  sequence: number
  payload: Buffer
}

export interface Replay {
  /** Of the journal; undefined when there was none. */
  id: string | undefined
  /** Of its records; undefined when there was none. */
  seal: number | undefined
  /** The highest sequence number ever issued, as far as the journal knows. */
  last: number
  /** Not settled, in order; several of one key are possible, of which the last counts. */
  entries: (JournalEntry & { segment: number })[]
  segments: { file: string; bytes: number }[]
  /** What a disk damaged in the middle of files: entries may have been lost. */
  damagedBytes: number
}

/** What the files say, oldest first. */
export function replaySegments(
  files: readonly (readonly [file: string, bytes: Buffer])[],
  seal?: number,
): Replay {
  const entries = new Map<number, JournalEntry & { segment: number }>()
  const replay: Replay = { ...identityOf(files), last: 0, entries: [], segments: [], damagedBytes: 0 }
  for (const [segment, [file, bytes]] of files.entries()) {
    replay.segments.push({ file, bytes: bytes.length })
    const { records, damagedBytes } = scanRecords(bytes, seal ?? replay.seal)
    replay.damagedBytes += damagedBytes
    for (const { kind, sequence, payload } of records) {
      if (sequence > replay.last) replay.last = sequence
      if (kind === RECORD_KINDS.header) continue
      if (kind === RECORD_KINDS.entry) entries.set(sequence, { sequence, payload, segment })
      else for (const settled of decodeSequences(payload)) entries.delete(settled)
    }
  }
  replay.entries = [...entries.values()].sort((a, b) => a.sequence - b.sequence)
  return replay
}

/** Every file names it; the first that can be read is enough. */
function identityOf(files: readonly (readonly [string, Buffer])[]): Pick<Replay, 'id' | 'seal'> {
  for (const [, bytes] of files) {
    const header = headerOf(bytes)
    if (header === undefined) continue
    try {
      const { id, seal } = JSON.parse(header.toString()) as { id: string; seal?: number }
      return { id, seal: seal ?? 0 }
    } catch {
      continue
    }
  }
  return { id: undefined, seal: undefined }
}
