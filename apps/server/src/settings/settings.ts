import { redactConfig, type Actor, type EventBus, type Logger } from '@millrace/core'
import type { Pool } from 'pg'
import type { AuditLog } from '../audit/audit-log.ts'
import { serverErrors } from '../errors.ts'
import type { ConfigTree } from './config-tree.ts'
import { flattenChanges, valueAt } from './live-settings.ts'

/** Settings of one request. */
export const MAX_CHANGES = 200

export interface SettingView {
  path: string
  value: unknown
  configured: unknown
  stored: boolean
  title?: string | undefined
  description?: string | undefined
}

export interface Settings {
  /** Puts what was stored on top of the configuration; before the capabilities start. */
  load(): Promise<void>
  list(): SettingView[]
  /**
   * All or nothing. Throws SERVER_SETTING_UNKNOWN with the accepted paths, SERVER_SETTING_INVALID with every problem.
   * Returns the audit entry's id.
   */
  change(body: Readonly<Record<string, unknown>>, actor: Actor, address: string): Promise<string | undefined>
}

export function createSettings(options: {
  tree: ConfigTree
  pool: Pool
  audit: AuditLog
  events: EventBus
  logger: Logger
}): Settings {
  const { tree, pool, audit, events, logger } = options
  // One change after the other: each is validated against the outcome of the one before.
  let queue: Promise<unknown> = Promise.resolve()

  const store = async (changes: ReadonlyMap<string, unknown>, actor: Actor): Promise<void> => {
    // One statement, so that it happens as a whole without a transaction of its own.
    await pool.query(
      `with changes as (select * from jsonb_each($1::jsonb)),
       removed as (delete from platform.settings using changes
         where path = changes.key and changes.value = 'null'::jsonb)
       insert into platform.settings (path, value, changed_by)
       select key, value, $2 from changes where value <> 'null'::jsonb
       on conflict (path) do update
         set value = excluded.value, changed_by = excluded.changed_by, changed_at = now()`,
      [JSON.stringify(Object.fromEntries(changes)), actor.name],
    )
  }

  const valuesOf = (paths: Iterable<string>): Record<string, unknown> => {
    const values: Record<string, unknown> = {}
    for (const path of paths) {
      const setting = tree.live.get(path)
      if (setting === undefined) continue
      values[path] = redactConfig(setting.schema, valueAt(tree.of(setting.section), setting.keys))
    }
    return values
  }

  const changeNow = async (
    body: Readonly<Record<string, unknown>>,
    actor: Actor,
    address: string,
  ): Promise<string | undefined> => {
    const { changes, unknown } = flattenChanges(body, tree.live)
    if (unknown.length > 0) {
      throw serverErrors.SETTING_UNKNOWN({
        paths: unknown.slice(0, 20).map((path) => path.slice(0, 200)),
        accepted: [...tree.live.keys()],
      })
    }
    if (changes.size === 0) throw serverErrors.SETTING_INVALID({ problems: ['no setting was sent'] })
    if (changes.size > MAX_CHANGES) {
      throw serverErrors.SETTING_INVALID({ problems: [`at most ${MAX_CHANGES} settings at once`] })
    }
    const problems = tree.problems(changes)
    if (problems.length > 0) throw serverErrors.SETTING_INVALID({ problems })
    const before = valuesOf(changes.keys())
    await store(changes, actor)
    tree.apply(changes)
    for (const path of changes.keys()) events.emit('config.changed', { path, actor: actor.name })
    return audit.record({
      actor,
      action: 'settings.update',
      before,
      after: valuesOf(changes.keys()),
      address,
    })
  }

  return {
    load: async () => {
      const { rows } = await pool.query<{ path: string; value: unknown }>(
        'select path, value from platform.settings order by path',
      )
      for (const { path, value } of rows) {
        const change = new Map([[path, value]])
        // A setting of a capability that is gone, or that a newer version refuses, must not keep the rest from starting.
        const problems = tree.live.has(path) ? tree.problems(change) : ['no such live setting']
        if (problems.length > 0) logger.warn({ path, problems }, 'a stored setting is not used')
        else tree.apply(change)
      }
    },
    list: () =>
      [...tree.live.values()].map((setting) => {
        const { path, section, keys, schema, meta } = setting
        return {
          path,
          value: redactConfig(schema, valueAt(tree.of(section), keys)) ?? null,
          configured: redactConfig(schema, tree.configured(setting)) ?? null,
          stored: tree.isStored(path),
          title: meta.title,
          description: meta.description,
        }
      }),
    change: (body, actor, address) => {
      const run = queue.then(() => changeNow(body, actor, address))
      queue = run.catch(() => undefined)
      return run
    },
  }
}
