import { StringDecoder } from 'node:string_decoder'
import type { Readable } from 'node:stream'

/** A longer line is cut and says so: a process that prints a megabyte without a newline costs no more memory. */
export const MAX_LINE_LENGTH = 16_384

/** Calls `onLine` for each line of a stream, without its end (LF or CRLF). An unfinished last line counts. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let cut = 0
  const finish = (): void => {
    const line = rest.endsWith('\r') ? rest.slice(0, -1) : rest
    onLine(cut > 0 ? `${line}… [${cut} more characters]` : line)
    rest = ''
    cut = 0
  }
  const take = (text: string): void => {
    const room = MAX_LINE_LENGTH - rest.length
    rest += text.slice(0, room)
    cut += Math.max(0, text.length - room)
  }
  stream.on('data', (chunk: Buffer) => {
    const text = decoder.write(chunk)
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      take(text.slice(from, end))
      finish()
      from = end + 1
    }
    take(text.slice(from))
  })
  stream.on('end', () => {
    take(decoder.end())
    if (rest !== '' || cut > 0) finish()
  })
  // A pipe that breaks when its writer is killed is not an error of ours.
  stream.on('error', () => {})
}
