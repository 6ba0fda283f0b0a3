import { spawn } from 'node:child_process'

// Waits for the end of its input, which comes when the test process closes it or dies, however it dies. Then it ends
// every server that still runs in the folder, and removes the folder. A server works in the folder its pid file is in.
const SCRIPT = `
read -r _
for file in "$1"/*/pid; do
  pid=$(cat "$file" 2>/dev/null) || continue
  folder=$(dirname "$file")
  at=$(readlink "/proc/$pid/cwd" 2>/dev/null || lsof -a -d cwd -p "$pid" -Fn 2>/dev/null | sed -n 's/^n//p')
  [ "$at" = "$folder" ] && kill -KILL "$pid"
done
rm -rf "$1"
`

/**
 * Cleans up after a test process that was killed, which no handler in it could do: without it, its servers would run
 * on. Returns the way to release it after an orderly end.
 */
export function watchOverServers(folder: string): () => void {
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
