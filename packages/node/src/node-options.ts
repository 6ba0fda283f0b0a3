const running = import.meta.url

/**
 * The value of NODE_OPTIONS that loads this agent into a Node process: `--import=<file URL>`. A file URL has its
 * spaces escaped, so no quoting is needed. From source it also selects the packages' sources, which needs
 * Node ≥ 22.18; a published copy works on Node ≥ 20.6.
 */
export function agentNodeOptions(): string {
  const fromSource = running.endsWith('.ts')
  const register = new URL(fromSource ? './register.ts' : './register.js', running).href
  return `--import=${register}${fromSource ? ' --conditions=millrace:source' : ''}`
}
