import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Shorter ones can be guessed. */
export const MIN_SECRET_LENGTH = 16

/**
 * What session cookies are signed with where nothing is configured: made once, readable by its owner only, and kept over
 * restarts, so that sessions last longer than a process.
 */
export async function loadOrCreateSecret(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true })
  try {
    const secret = randomBytes(32).toString('base64url')
    await writeFile(file, `${secret}\n`, { flag: 'wx', mode: 0o600 })
    return secret
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const secret = (await readFile(file, 'utf8')).trim()
  if (secret.length >= MIN_SECRET_LENGTH) return secret
  // Written only in part, by a process that ended meanwhile.
  const replacement = randomBytes(32).toString('base64url')
  await writeFile(file, `${replacement}\n`, { mode: 0o600 })
  return replacement
}
