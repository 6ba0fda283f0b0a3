import { processErrors } from './errors.ts'

/** Characters that mean something to a shell and nothing here, when they stand alone as a word. */
const SHELL_WORDS = new Set(['|', '||', '&', '&&', ';', '<', '>', '>>', '2>', '2>&1'])

/**
 * Splits a command line into arguments as POSIX sh does for quotes and backslashes (2.2 Quoting), and does nothing
 * else: no variables, globs, pipes or redirections, so nothing in a configuration value is ever interpreted.
 * Throws PROCESS_COMMAND_INVALID for an open quote, an empty line, and a word that only a shell would understand.
 */
export function parseCommand(command: string | readonly string[]): string[] {
  if (typeof command !== 'string') return [...command]
  const words: string[] = []
  let word: string | undefined
  let quote: '"' | "'" | undefined
  let quoted = false
  const finish = (): void => {
    if (word === undefined) return
    if (!quoted && SHELL_WORDS.has(word)) {
      throw processErrors.COMMAND_INVALID({ command, problem: `contains the shell operator ${word}` })
    }
    words.push(word)
    word = undefined
    quoted = false
  }
  for (let i = 0; i < command.length; i++) {
    const char = command[i]!
    if (quote === "'") {
      if (char === "'") quote = undefined
      else word = (word ?? '') + char
    } else if (char === '\\') {
      const next = command[++i]
      if (next === undefined) throw processErrors.COMMAND_INVALID({ command, problem: 'ends in a backslash' })
      // Inside double quotes a backslash escapes only what would end or change the quotation.
      word = (word ?? '') + (quote === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next)
      quoted = true
    } else if (char === quote) {
      quote = undefined
    } else if (quote === undefined && (char === '"' || char === "'")) {
      quote = char
      quoted = true
      word ??= ''
    } else if (quote === undefined && /\s/.test(char)) {
      finish()
    } else {
      word = (word ?? '') + char
    }
  }
  if (quote !== undefined) {
    throw processErrors.COMMAND_INVALID({ command, problem: `has an open ${quote} quote` })
  }
  finish()
  if (words.length === 0) throw processErrors.COMMAND_INVALID({ command, problem: 'is empty' })
  return words
}

/** For messages: the arguments joined so that `parseCommand` would split them the same way. */
export function formatCommand(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}
