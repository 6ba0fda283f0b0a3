import { expect, it } from 'vitest'
import { z } from 'zod'
import { CAPABILITY_NAME, configSchema, settingsOf, type AnyCapability } from '@millrace/core'
import { metricName, type MetricDeclaration } from '@millrace/core/metrics'

const RESERVED_LABELS = ['le', 'quantile', 'service', 'instance', 'overflow']

/** Configuration, metrics, actions and routes: what the panel, the CLI and the reference are made of. */
export function conformsAsDeclared(capability: AnyCapability): void {
  it('has a default for every setting', () => {
    const parsed = capability.config.safeParse({})
    expect(parsed.error?.issues ?? []).toEqual([])
  })

  it('refuses unknown settings', () => {
    expect(capability.config.safeParse({ noSuchSettingAnywhere: 1 }).success).toBe(false)
  })

  it('gives every setting a title or a description', () => {
    // What the entries of a map or list hold may be told by the map's own description.
    const silent = settingsOf(capability.config)
      .filter(({ path, meta }) => !path.includes('*') && !meta.title && !meta.description)
      .map(({ path }) => path)
    expect(silent).toEqual([])
  })

  it('has environment names that are unique and in upper snake case', () => {
    const names = settingsOf(capability.config).flatMap(({ env }) => env)
    expect(names.filter((name) => !/^[A-Z][A-Z0-9_]*$/.test(name))).toEqual([])
    expect(names.toSorted()).toEqual([...new Set(names)].toSorted())
  })

  it('has settings that convert to JSON Schema, for forms', () => {
    expect(configSchema(capability)).toMatchObject({ type: 'object' })
  })

  it('has valid metrics, each with a help text', () => {
    const table = Object.entries<MetricDeclaration>(capability.metrics)
    const names = table.map(([key, declaration]) => metricName(capability.name, key, declaration))
    expect(names.filter((name) => !/^millrace_[a-z][a-z0-9_]*$/.test(name))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
    for (const [key, { kind, help, labels = [] }] of table) {
      const bad = labels.filter(
        (label) => !/^[a-z][a-z0-9_]*$/.test(label) || RESERVED_LABELS.includes(label),
      )
      expect({ key, help: help.length > 0, kind, bad }).toEqual({
        key,
        help: true,
        kind: expect.stringMatching(/^(counter|gauge|histogram)$/),
        bad: [],
      })
    }
  })

  it.each(Object.entries(capability.actions))(
    'action %s is described and has JSON Schemas',
    (name, action) => {
      expect(name).toMatch(CAPABILITY_NAME)
      expect(action.title).not.toBe('')
      expect(action.description).toMatch(/^.{10,}\.$/s)
      expect(z.toJSONSchema(action.input, { io: 'input' })).toBeTypeOf('object')
      expect(z.toJSONSchema(action.output, { io: 'output' })).toBeTypeOf('object')
    },
  )

  it('has routes with unique paths, a summary and JSON Schemas', () => {
    const routes = capability.routes ?? []
    const paths = routes.map(({ path }) => path)
    expect(paths.filter((path) => !path.startsWith('/') || path.startsWith('/actions'))).toEqual([])
    expect(new Set(paths).size).toBe(paths.length)
    for (const { summary, params, query, response } of routes) {
      expect(summary).not.toBe('')
      for (const schema of [params, query]) {
        if (schema !== undefined) z.toJSONSchema(schema, { io: 'input' })
      }
      z.toJSONSchema(response, { io: 'output' })
    }
  })

  it('has a host part that loads, if it has one', async () => {
    const host = (await capability.host?.()) ?? { start: () => undefined }
    expect(host).toEqual({ start: expect.any(Function) })
  })
}
