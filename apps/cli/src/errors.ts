import { defineErrors } from '@millrace/core'

export const cliErrors = defineErrors('CLI', {
  ALREADY_RUNNING: {
    status: 409,
    title: 'Data directory in use',
    message: (d: { dataDir: string; pid: number }) =>
      `Millrace runs already with the data directory ${d.dataDir} (process ${d.pid}). Stop it with Ctrl-C or kill ${d.pid}, or set MILLRACE_DATA_DIR (and PORT) to run another one beside it.`,
  },
  PORT_IN_USE: {
    status: 409,
    title: 'Port in use',
    message: (d: { port: number; host: string; what: string; setting: string; env: string }) =>
      `${d.what} cannot listen on ${d.host}:${d.port}: another program does. Choose another port with ${d.env}=… (setting ${d.setting}), or stop that program.`,
  },
  DATA_DIR_UNUSABLE: {
    status: 500,
    title: 'Data directory unusable',
    message: (d: { dataDir: string; reason: string }) =>
      `The data directory ${d.dataDir} cannot be used: ${d.reason}. Set MILLRACE_DATA_DIR to a folder that can be written.`,
    expose: true,
  },
  NOTHING_TO_RUN: {
    status: 400,
    title: 'Nothing to run',
    message: (d: { folder: string }) =>
      `There is no millrace.config.ts in ${d.folder}, and neither a command nor an upstream was given. One of these will do:\n  millrace up -- node server.js              start an application (it must listen on PORT)\n  millrace up --upstream http://localhost:4000   stand in front of one that runs\n  millrace init                              write a millrace.config.ts`,
  },
  NOT_RUNNING: {
    status: 503,
    title: 'Millrace is not running',
    message: (d: { dataDir: string }) =>
      `No running Millrace was found for the data directory ${d.dataDir}. Start it with: millrace up. If it runs with another directory, set MILLRACE_DATA_DIR or --config.`,
    expose: true,
  },
  FILE_EXISTS: {
    status: 409,
    title: 'File exists',
    message: (d: { file: string }) => `${d.file} exists already. Use --force to replace it.`,
  },
  USAGE: {
    status: 400,
    title: 'Usage',
    message: (d: { problem: string; hint: string }) => `${d.problem}\n${d.hint}`,
  },
  NODE_TOO_OLD: {
    status: 500,
    title: 'Node.js too old',
    message: (d: { version: string; needed: string }) =>
      `Millrace needs Node.js ${d.needed} or later; this is ${d.version}.`,
    expose: true,
  },
  START_FAILED: {
    status: 500,
    title: 'Part did not start',
    message: (d: { part: string; reason: string }) => `${d.part} did not start: ${d.reason}`,
    expose: true,
  },
  METHOD_UNKNOWN: {
    status: 404,
    title: 'Unknown method',
    message: (d: { host: string; method: string; known: string[] }) =>
      `The supervisor has no '${d.host}.${d.method}'. It has: ${d.known.join(', ') || 'nothing yet'}.`,
    expose: true,
  },
  CALL_INVALID: {
    status: 400,
    title: 'Invalid parameters',
    message: (d: { host: string; method: string; problems: string[] }) =>
      `'${d.host}.${d.method}' was called with invalid parameters: ${d.problems.join('; ')}`,
  },
})
