import { CAPABILITY_NAME } from './capability.ts'

const FUNCTIONS = ['create', 'health', 'dispose'] as const
const OPTIONAL_FUNCTIONS = ['overview', 'recommend', 'host'] as const
const EFFECTS: readonly unknown[] = ['read', 'write', 'destructive']

/** What keeps a value from being a capability, in words; undefined when it is one. */
export function problemOf(value: unknown): string | undefined {
  if (value === undefined) return 'the module has no export named `capability`'
  if (typeof value !== 'object' || value === null) return '`capability` is not an object'
  const it = value as Record<string, unknown>
  if (typeof it['name'] !== 'string' || !CAPABILITY_NAME.test(it['name'])) {
    return `name must match ${CAPABILITY_NAME.source}, got ${JSON.stringify(it['name'])}`
  }
  for (const key of ['title', 'summary']) {
    if (typeof it[key] !== 'string' || it[key] === '') return `${key} must be a text`
  }
  if (!isSchema(it['config'])) return 'config must be a zod schema'
  if (typeof it['metrics'] !== 'object' || it['metrics'] === null) return 'metrics must be an object'
  for (const key of FUNCTIONS) if (typeof it[key] !== 'function') return `${key} must be a function`
  for (const key of OPTIONAL_FUNCTIONS) {
    if (it[key] !== undefined && typeof it[key] !== 'function') return `${key} must be a function`
  }
  const depends = it['dependsOn']
  if (
    depends !== undefined &&
    !(Array.isArray(depends) && depends.every((name) => typeof name === 'string'))
  ) {
    return 'dependsOn must be a list of capability names'
  }
  return problemOfActions(it['actions'])
}

function problemOfActions(actions: unknown): string | undefined {
  if (typeof actions !== 'object' || actions === null) return 'actions must be an object'
  for (const [name, value] of Object.entries(actions)) {
    const action = (value ?? {}) as Record<string, unknown>
    if (!CAPABILITY_NAME.test(name)) return `action '${name}' must match ${CAPABILITY_NAME.source}`
    if (typeof action['run'] !== 'function') return `action '${name}' has no run function`
    if (!EFFECTS.includes(action['effect'])) {
      return `action '${name}' must have an effect of ${EFFECTS.join(', ')}`
    }
    if (action['anonymous'] === true && action['effect'] !== 'read') {
      return `action '${name}' changes something and cannot be anonymous`
    }
    for (const key of ['input', 'output']) {
      if (!isSchema(action[key])) return `action '${name}' has no zod schema as its ${key}`
    }
  }
  return undefined
}

// Not instanceof: a package may bring its own copy of zod.
const isSchema = (value: unknown): boolean => typeof value === 'object' && value !== null && '_zod' in value
