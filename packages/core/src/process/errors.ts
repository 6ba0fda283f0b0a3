import { defineErrors } from '../errors/error.ts'

/** Errors of starting and supervising processes. */
export const processErrors = defineErrors('PROCESS', {
  COMMAND_INVALID: {
    status: 400,
    title: 'Command cannot be read',
    message: (d: { command: string; problem: string }) =>
      `The command ${JSON.stringify(d.command)} ${d.problem}. It is split like a shell would (quotes and backslashes), but no shell runs it: no pipes, no variables. Wrap it as sh -c "…" where those are needed.`,
  },
  NOT_READY: {
    status: 503,
    title: 'Process did not become ready',
    message: (d: { id: string; reason: string }) => `${d.id} did not become ready: ${d.reason}`,
    expose: true,
  },
  COMMAND_FAILED: {
    status: 500,
    title: 'Command failed',
    message: (d: { command: string; reason: string; output: string[] }) =>
      `\`${d.command}\` ${d.reason}${d.output.length > 0 ? `. Its last lines:\n${d.output.map((line) => `  ${line}`).join('\n')}` : '.'}`,
    expose: true,
  },
  STOPPED: {
    status: 503,
    title: 'Process is stopping',
    message: (d: { id: string }) => `${d.id} was stopped before it became ready.`,
    expose: true,
  },
  NO_FREE_PORT: {
    status: 503,
    title: 'No free port',
    message: (d: { attempts: number }) =>
      `The system offered no unused TCP port on 127.0.0.1 in ${d.attempts} attempts.`,
    expose: true,
  },
})
