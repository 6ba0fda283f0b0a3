import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The nearest folder above a path that has a package.json. */
export function packageRootAbove(path: string): string {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (dirname(folder) === folder) throw new Error(`There is no package.json above ${path}`)
  }
}
