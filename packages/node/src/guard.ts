let report: (where: string, error: unknown) => void = () => {}

/** With MILLRACE_AGENT_DEBUG=1 what goes wrong inside the agent is written to standard error; otherwise nowhere. */
export function reportTo(listener: (where: string, error: unknown) => void): void {
  report = listener
}

/** The agent's first rule: whatever happens in here, the application does not notice. */
export function guarded<Result>(where: string, run: () => Result): Result | undefined {
  try {
    return run()
  } catch (error) {
    report(where, error)
    return undefined
  }
}
