import { LIBRARIES } from './contenders/index.ts'
import { item } from './contenders/under-test.ts'

// A process of its own, started with --expose-gc: `memory-of.ts <library> <entries>` prints bytes of heap per entry.
const [name, count] = process.argv.slice(2)
const library = LIBRARIES.find((candidate) => candidate.name === name)
if (library === undefined || globalThis.gc === undefined)
  throw new Error(`start it with --expose-gc: ${name}`)
const entries = Number(count)
const cache = library.open()
// Code that is compiled and tables that are made once are not memory per entry.
for (let i = 0; i < 100; i++) await cache.set(`warm-${i}`, item(`warm-${i}`))
const heap = (): number => {
  for (let i = 0; i < 4; i++) globalThis.gc!()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
const before = heap()
for (let i = 0; i < entries; i++) await cache.set(`item-${i}`, item(`item-${i}`))
const after = heap()
if ((await cache.get('item-0')) === undefined) throw new Error(`${name} did not keep what it was given`)
process.stdout.write(String((after - before) / entries))
await cache.close()
