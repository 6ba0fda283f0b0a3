import { randomBytes } from 'node:crypto'
import { unwrap } from '@millrace/api-client'
import { connect } from '../control/connect.ts'
import type { CommandContext, GlobalOptions } from './global-options.ts'

/** Whoever may read control.json (mode 0600) owns the platform, so no old password is asked for. */
export async function resetPassword(
  name: string,
  options: GlobalOptions,
  { terminal, ...context }: CommandContext,
): Promise<void> {
  const { client } = await connect(options, { terminal, ...context })
  const password = randomBytes(15).toString('base64url')
  await unwrap(client.PATCH('/api/users/{name}', { params: { path: { name } }, body: { password } }))
  if (options.json === true) terminal.out(`${JSON.stringify({ user: name, password })}\n`)
  else terminal.out(`  New password of ${name}: ${password}\n  Sessions of ${name} have ended.\n`)
}
