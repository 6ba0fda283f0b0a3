import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { unwrap, type Capability, type CapabilityAction } from '@millrace/api-client'
import { nearest } from '@millrace/core'
import { parseWords, readInput, type ParameterSchema, type ParsedWords } from '../control/action-input.ts'
import { connect } from '../control/connect.ts'
import { cliErrors } from '../errors.ts'
import { renderResult, renderTable } from '../output/table.ts'
import { whileWaiting } from '../output/waiting.ts'
import type { CommandContext, GlobalOptions } from './global-options.ts'

/** A rolling restart of many slow instances takes minutes. */
const ACTION_TIMEOUT_MS = 15 * 60_000
const OWN_FLAGS = new Set(['json', 'yes', 'help'])
const OWN_OPTIONS = ['config', 'data-dir', 'input', ...OWN_FLAGS]

/** `millrace <capability> <action> [--key value …]`: whatever the running platform's manifest has. */
export async function callAction(words: readonly string[], context: CommandContext): Promise<void> {
  const { options, positional } = parseWords(words, (key) => OWN_FLAGS.has(key))
  const own = takeOwn(options)
  const [capabilityName = '', actionName] = positional
  const { client } = await connect(own, context, { timeoutMs: ACTION_TIMEOUT_MS })
  const { capabilities } = await unwrap(client.GET('/api/capabilities'))
  const capability = findCapability(capabilities, capabilityName)
  if (actionName === undefined) {
    context.terminal.out(describeCapability(capability))
    return
  }
  const action = findAction(capability, actionName)
  if (own.help) {
    context.terminal.out(describeAction(capability.name, action))
    return
  }
  if (positional.length > 2) {
    throw cliErrors.USAGE({
      problem: `Unexpected ${JSON.stringify(positional[2])}.`,
      hint: describeAction(capability.name, action),
    })
  }
  const schema = action.inputSchema as ParameterSchema
  const input = { ...readWholeInput(own.input), ...readInput(options, schema) }
  const run = async (body: Record<string, unknown>): Promise<void> => {
    const call = client.POST('/api/{capability}/actions/{action}', {
      params: { path: { capability: capability.name, action: action.name } },
      body,
    })
    const answer = await whileWaiting(context.terminal, action.title, unwrap(call), own.json)
    const { result } = answer as { result: unknown }
    context.terminal.out(own.json ? `${JSON.stringify(answer)}\n` : renderResult(result))
  }
  // Looking changes nothing, and whoever is asked to confirm should have looked.
  const look = schema.properties?.['preview']?.type === 'boolean' ? { ...input, preview: true } : undefined
  if (input['preview'] !== true) {
    await confirm(capability.name, action, own.yes, context, look === undefined ? undefined : () => run(look))
  }
  await run(input)
}

interface OwnOptions extends GlobalOptions {
  json: boolean
  yes: boolean
  help: boolean
  input: string | undefined
}

/** Removes the command line's own options; what is left is the action's input. */
function takeOwn(options: ParsedWords['options']): OwnOptions {
  const take = (name: string): string | true | undefined => {
    const value = options.get(name)?.at(-1)
    options.delete(name)
    return value
  }
  const text = (name: string): string | undefined => {
    const value = take(name)
    if (value === true)
      throw cliErrors.USAGE({ problem: `--${name} takes a value.`, hint: 'See millrace --help.' })
    return value
  }
  return {
    json: take('json') !== undefined,
    yes: take('yes') !== undefined,
    help: take('help') !== undefined,
    config: text('config'),
    dataDir: text('data-dir'),
    input: text('input'),
  }
}

/** `--input '{"pool":"app"}'`, `--input @file.json`, `--input -` for standard input. */
function readWholeInput(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {}
  const source = text === '-' ? 0 : text.startsWith('@') ? text.slice(1) : undefined
  try {
    const value: unknown = JSON.parse(source === undefined ? text : readFileSync(source, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
    throw new TypeError('it is not a JSON object')
  } catch (error) {
    const problem = `--input cannot be read: ${(error as Error).message}`
    throw cliErrors.USAGE({ problem, hint: `It takes a JSON object, @file.json, or - for standard input.` })
  }
}

function findCapability(capabilities: Capability[], name: string): Capability {
  const found = capabilities.find((capability) => capability.name === name)
  if (found !== undefined) return found
  const commands = [
    'up',
    'init',
    'status',
    'config',
    'password',
    'capabilities',
    ...capabilities.map((known) => known.name),
  ]
  const close = nearest(name, commands)
  throw cliErrors.USAGE({
    problem: `There is no command and no capability '${name}'.${close === undefined ? '' : ` Did you mean '${close}'?`}`,
    hint: `Commands and capabilities: ${commands.join(', ')}`,
  })
}

function findAction({ name, actions }: Capability, wanted: string): CapabilityAction {
  const found = actions.find((action) => action.name === wanted)
  if (found !== undefined) return found
  const close = nearest(
    wanted,
    actions.map((action) => action.name),
  )
  throw cliErrors.USAGE({
    problem: `'${name}' has no action '${wanted}'.${close === undefined ? '' : ` Did you mean '${close}'?`}`,
    hint: `It has: ${actions.map((action) => action.name).join(', ') || 'none'}`,
  })
}

async function confirm(
  capability: string,
  action: CapabilityAction,
  yes: boolean,
  { terminal }: CommandContext,
  preview: (() => Promise<void>) | undefined,
): Promise<void> {
  if (action.effect !== 'destructive' || yes) return
  const declined = cliErrors.USAGE({
    problem: `${capability} ${action.name} cannot be undone and was not run: ${action.description}`,
    hint:
      preview === undefined
        ? 'Add --yes to run it.'
        : 'Look first with --preview: it only says what would go. Then add --yes to run it.',
  })
  if (!terminal.interactive || process.stdin.isTTY !== true) throw declined
  await preview?.()
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await prompt.question(`  ${action.description} Run it? [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) throw declined
  } finally {
    prompt.close()
  }
}

function describeCapability({ name, title, summary, actions }: Capability): string {
  const rows = actions.map((action) => [`millrace ${name} ${action.name}`, action.effect, action.title])
  return `\n  ${title}: ${summary}\n\n${rows.length === 0 ? '  It has no actions.\n' : renderTable(rows)}\n`
}

function describeAction(capability: string, action: CapabilityAction): string {
  const { properties = {}, required = [] } = action.inputSchema as ParameterSchema
  const rows = Object.entries(properties).map(([key, property]) => [
    `--${key}`,
    [property.enum?.join('|') ?? property.type ?? '', required.includes(key) ? '(required)' : '']
      .join(' ')
      .trim(),
    property.description ?? '',
  ])
  return `\n  millrace ${capability} ${action.name}: ${action.description}\n\n${renderTable(rows)}\n  Also: ${OWN_OPTIONS.map((option) => `--${option}`).join(', ')}\n\n`
}
