import { spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
/** The pinned Node, which npm installs like any other package. */
export const nodeBinary = path.join(root, 'node_modules/.bin/node')

/** Something the person at the keyboard can act on: printed without a stack. */
export class Problem extends Error {}

export const say = (line) => process.stdout.write(`${line}\n`)

/**
 * Runs a program to its end and resolves with its exit code and how long it took. `quiet` keeps its output back and
 * returns it; a line every ten seconds then says that it still runs.
 */
export function run(
  command,
  args,
  { quiet = false, what = command, env = {}, timeoutMs = 1_800_000, cwd = root } = {},
) {
  return new Promise((resolve) => {
    const from = performance.now()
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    })
    let output = ''
    let interrupted = false
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    const seconds = () => (performance.now() - from) / 1000
    const heartbeat = quiet
      ? setInterval(() => say(`    … ${what}: ${Math.round(seconds())} s`), 10_000)
      : undefined
    const timer = setTimeout(() => {
      output += `\nended after ${timeoutMs / 1000} s\n`
      child.kill('SIGKILL')
    }, timeoutMs)
    const stop = (signal) => {
      interrupted = true
      child.kill(signal)
    }
    process.once('SIGINT', stop).once('SIGTERM', stop)
    const finish = (code) => {
      clearInterval(heartbeat)
      clearTimeout(timer)
      process.off('SIGINT', stop).off('SIGTERM', stop)
      // What was half done is done again at the next start.
      if (interrupted) process.exit(130)
      resolve({ code, output, seconds: seconds() })
    }
    child.on('error', (error) => {
      output += error.message
      finish(127)
    })
    child.on('close', (code) => finish(code ?? 1))
  })
}

/** npm as it was started itself, or the one on the PATH. */
export function npm(args) {
  const script = process.env.npm_execpath
  return script !== undefined && /\.[cm]?js$/.test(script)
    ? { command: process.execPath, args: [script, ...args] }
    : { command: 'npm', args }
}
