import type { ComponentStatus } from '@millrace/core'
import type { Platform } from '../up/platform.ts'

/** What `millrace up` prints when it is up. */
export function renderBanner(
  platform: Platform,
  options: { seconds: number; version: string; color: boolean },
): string {
  const bold = (text: string): string => (options.color ? `\u001B[1m${text}\u001B[0m` : text)
  const { generatedPassword } = platform
  const rows: [string, string][] = [
    ['Application', `${platform.publicUrl}/`],
    ...platform.secureUrls.map((url): [string, string] => ['', `${url}/`]),
    ['Panel', platform.panelUrl],
    generatedPassword === undefined
      ? ['Sign in', 'as admin; forgotten: millrace password']
      : ['Sign in', `admin / ${bold(generatedPassword)}   (shown only now; another one: millrace password)`],
    ['Data', platform.dataDir],
  ]
  const missing = platform.components().filter(({ state }) => state !== 'ready')
  return [
    '',
    `  ${bold(`Millrace ${options.version}`)} is up after ${options.seconds.toFixed(1)} s`,
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(13)}${value}`),
    ...(missing.length === 0 ? [] : ['', '  Not ready:', ...missing.map(describeComponent)]),
    '',
    '  Ctrl-C stops everything.',
    '',
  ].join('\n')
}

export function describeComponent({ id, state, lastFailure }: ComponentStatus): string {
  const reason = lastFailure === undefined ? '' : `: ${lastFailure.reason.split('\n', 1)[0]}`
  return `    ${id.padEnd(18)} ${state}${reason}`
}
