import { defineErrors } from '@millrace/core'

export const scalingErrors = defineErrors('SCALING', {
  POOL_UNKNOWN: {
    status: 404,
    title: 'Unknown application',
    message: (d: { pool: string; known: string[] }) =>
      `There is no application '${d.pool}'. ${d.known.length === 0 ? 'None is configured.' : `There are: ${d.known.join(', ')}.`}`,
  },
  INSTANCE_UNKNOWN: {
    status: 404,
    title: 'Unknown instance',
    message: (d: { instance: string; known: string[] }) =>
      `There is no instance '${d.instance}'. ${d.known.length === 0 ? 'None runs.' : `There are: ${d.known.join(', ')}.`}`,
  },
  NOT_SCALABLE: {
    status: 409,
    title: 'Application runs elsewhere',
    message: (d: { pool: string }) =>
      `'${d.pool}' has fixed addresses (upstreams): Millrace did not start it and cannot start more of it. Give it a command instead.`,
  },
  OUT_OF_BOUNDS: {
    status: 400,
    title: 'Number of instances out of bounds',
    message: (d: { pool: string; instances: number; min: number; max: number }) =>
      `'${d.pool}' cannot have ${d.instances} instances: between ${d.min} and ${d.max} are allowed (scaling.minInstances or MIN_INSTANCES, scaling.maxInstances or MAX_INSTANCES).`,
  },
  PREPARE_FAILED: {
    status: 500,
    title: 'Preparation failed',
    message: (d: { pool: string; reason: string }) =>
      `The 'prepare' command of '${d.pool}' failed, so it was not started: ${d.reason}`,
    expose: true,
  },
  NOT_READY: {
    status: 503,
    title: 'Instance did not become ready',
    message: (d: { pool: string; instance: string; reason: string; output: string[] }) =>
      `${d.instance} did not become ready: ${d.reason}. It is tried again.${lines(d.output)}`,
    expose: true,
  },
  REPLACEMENT_FAILED: {
    status: 503,
    title: 'Rolling restart stopped',
    message: (d: { pool: string; replaced: number; total: number; reason: string; output: string[] }) =>
      `The rolling restart of '${d.pool}' stopped after ${d.replaced} of ${d.total}: the next replacement did not become ready (${d.reason}). The instances that were not replaced keep serving.${lines(d.output)}`,
    expose: true,
  },
  STOPPING: {
    status: 503,
    title: 'Stopping',
    message: (d: { pool: string }) => `'${d.pool}' is being stopped.`,
    expose: true,
  },
})

const lines = (output: string[]): string =>
  output.length === 0 ? '' : `\nIts last lines:\n${output.map((line) => `  ${line}`).join('\n')}`
