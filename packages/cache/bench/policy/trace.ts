import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { createGunzip } from 'node:zlib'

/** Keys in the order of the requests, as numbers, so that millions of them take four bytes each. */
export interface Trace {
  name: string
  /** By request: which key. */
  keys: Uint32Array
  /** By number: the key as it stands in the file. */
  names: readonly string[]
}

/**
 * Reads a trace: one key per line, empty lines left out; `.gz` is unpacked. The file is read as a stream; in memory are
 * four bytes per request and each different key once.
 */
export async function readTrace(file: string): Promise<Trace> {
  const numbers = new Map<string, number>()
  const names: string[] = []
  let keys = new Uint32Array(2 ** 16)
  let count = 0
  const add = (line: string): void => {
    const name = line.endsWith('\r') ? line.slice(0, -1) : line
    if (name === '') return
    let number = numbers.get(name)
    if (number === undefined) {
      number = names.length
      // A copy: a slice of a chunk would keep the whole chunk.
      const key = Buffer.from(name).toString()
      numbers.set(key, number)
      names.push(key)
    }
    if (count === keys.length) {
      const larger = new Uint32Array(count * 2)
      larger.set(keys)
      keys = larger
    }
    keys[count++] = number
  }
  const source = createReadStream(file, { highWaterMark: 2 ** 20 })
  const text = file.endsWith('.gz') ? source.pipe(createGunzip()) : source
  source.on('error', (error) => text.destroy(error))
  text.setEncoding('utf8')
  let rest = ''
  for await (const chunk of text as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) add(line)
  }
  add(rest)
  return { name: basename(file).replace(/\.(gz|trace|txt)/g, ''), keys: keys.slice(0, count), names }
}
