import { readFileSync } from 'node:fs'

/** Of this package, from its own package.json: src and dist are both one level below it. */
export const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version
