import { spawn } from 'node:child_process'

// Waits for the end of its input, which comes when the test process closes it or dies, however it dies. Then it ends the
// server, if that still runs on this very folder, and removes the folder.
const SCRIPT = `
read -r _
pid=$(head -n 1 "$1/cluster/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
  args=$(tr '\\0' ' ' < "/proc/$pid/cmdline" 2>/dev/null || ps -o args= -p "$pid" 2>/dev/null)
  case "$args" in
    *"$1/cluster"*)
      kill -QUIT "$pid"
      tries=0
      while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
      ;;
  esac
fi
rm -rf "$1"
`

/**
 * Cleans up after a test process that was killed, which no handler in it could do: without it, its server would run on. Returns the
 * way to release it after an orderly end.
 */
export function watchOver(folder: string): () => void {
  const child = spawn('sh', ['-c', SCRIPT, 'sh', folder], {
    // In a session of its own, Ctrl-C does not reach it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  child.unref()
  // The pipe alone must not keep the tests alive either.
  ;(child.stdin as unknown as { unref(): void }).unref()
  return () => child.stdin.end()
}
