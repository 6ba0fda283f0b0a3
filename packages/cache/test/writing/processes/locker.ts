/** Waits for the word, tries to lock the folder it was given, says how that went, and holds on until it is ended. */
import { lockDirectory } from '../../../src/writing/journal/lock.ts'

const directory = process.argv[2] ?? ''

process.on('message', () => {
  try {
    lockDirectory(directory)
    process.send!('locked')
  } catch (error) {
    process.send!((error as { code?: string }).code ?? String(error))
  }
})
process.send!('ready')
