import { readSettings } from './environment.ts'

// `node --import @millrace/node/register app.js`. Everything but one small file is loaded only where it is needed,
// because NODE_OPTIONS makes each Node process below the application's command come through here.
const settings = readSettings(process.env, process.argv[1])
if (settings !== undefined) {
  try {
    const { startAgent } = await import('./agent.ts')
    startAgent(settings)
  } catch (error) {
    // An application must start without its agent rather than not at all.
    if (settings.debug) process.stderr.write(`millrace agent did not start: ${String(error)}\n`)
  }
}
