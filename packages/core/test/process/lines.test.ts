import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { MAX_LINE_LENGTH, readLines } from '../../src/process/index.ts'

async function linesOf(...chunks: (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough()
  const lines: string[] = []
  readLines(stream, (line) => lines.push(line))
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  await finished(stream)
  return lines
}

describe('readLines', () => {
  it('joins what arrives in pieces, and keeps an unfinished last line', async () => {
    expect(await linesOf('on', 'e\ntwo\r', '\n\nthree')).toEqual(['one', 'two', '', 'three'])
  })

  it('does not break characters that are split between chunks', async () => {
    const bytes = Buffer.from('größe\n')
    expect(await linesOf(bytes.subarray(0, 3), bytes.subarray(3))).toEqual(['größe'])
  })

  it('cuts a line that is too long, says by how much, and goes on', async () => {
    const long = 'x'.repeat(MAX_LINE_LENGTH + 7)
    const [first, second] = await linesOf(long.slice(0, 9_000), `${long.slice(9_000)}\nnext\n`)
    expect(first).toBe(`${'x'.repeat(MAX_LINE_LENGTH)}… [7 more characters]`)
    expect(second).toBe('next')
  })
})
