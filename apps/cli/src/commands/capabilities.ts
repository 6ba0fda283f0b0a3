import { unwrap } from '@millrace/api-client'
import { connect } from '../control/connect.ts'
import { renderTable } from '../output/table.ts'
import type { CommandContext, GlobalOptions } from './global-options.ts'

export async function listCapabilities(options: GlobalOptions, context: CommandContext): Promise<void> {
  const { client } = await connect(options, context)
  const { capabilities } = await unwrap(client.GET('/api/capabilities'))
  if (options.json === true) {
    context.terminal.out(`${JSON.stringify({ capabilities })}\n`)
    return
  }
  for (const { name, summary, actions } of capabilities) {
    context.terminal.out(`\n  ${name}: ${summary}\n`)
    const rows = actions.map((action) => [`  millrace ${name} ${action.name}`, action.effect, action.title])
    context.terminal.out(renderTable(rows))
  }
  context.terminal.out('\n')
}
