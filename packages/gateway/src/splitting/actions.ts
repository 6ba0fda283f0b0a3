import './events.ts'
import { defineAction } from '@millrace/core'
import { z } from 'zod'
import { explainParams, explanation } from '../routing/explain-model.ts'
import type { GatewayService } from '../service.ts'
import { splitModel } from './split-model.ts'

const split = z.string().min(1).describe('Name of a split: applications.<name>.routes[].split.name')
const reason = z.string().min(1).max(500).optional().describe('For the log and the list of decisions.')
const input = z.object({ split, reason })

export const splitActions = {
  'split-status': defineAction({
    title: 'Splits of traffic',
    description:
      'Shares, requests, errors and latency of each part, the state of canaries, and what was decided.',
    effect: 'read',
    input: z.object({ split: split.optional() }),
    output: z.object({ splits: z.array(splitModel) }),
    run: async (service: GatewayService, { split: name }) => ({
      splits: (await service.splits()).filter((one) => name === undefined || one.name === name),
    }),
  }),
  'canary-start': defineAction({
    title: 'Start a canary',
    description:
      'Gives it its first step, or goes on where it was paused. From there it advances by itself while it is not worse than the stable part, and is rolled back at once when it is.',
    effect: 'write',
    input,
    output: splitModel,
    run: (service: GatewayService, { split: name, reason: why }) => service.canary(name, 'start', why),
    undo: async (service: GatewayService, { split: name }) =>
      void (await service.canary(name, 'rollback', 'the start was undone')),
  }),
  'canary-promote': defineAction({
    title: 'Promote a canary',
    description: 'Gives it everything, whatever its step.',
    effect: 'write',
    input,
    output: splitModel,
    run: (service: GatewayService, { split: name, reason: why }) => service.canary(name, 'promote', why),
    undo: async (service: GatewayService, { split: name }) =>
      void (await service.canary(name, 'rollback', 'the promotion was undone')),
  }),
  'canary-rollback': defineAction({
    title: 'Roll back',
    description:
      'Takes everything from a canary; in blue-green, gives everything back to the part that had it before.',
    effect: 'write',
    input,
    output: splitModel,
    run: (service: GatewayService, { split: name, reason: why }) => service.canary(name, 'rollback', why),
  }),
  'canary-pause': defineAction({
    title: 'Pause a canary',
    description: 'It keeps its share and is not judged until it is started again.',
    effect: 'write',
    input,
    output: splitModel,
    run: (service: GatewayService, { split: name, reason: why }) => service.canary(name, 'pause', why),
    undo: async (service: GatewayService, { split: name }) =>
      void (await service.canary(name, 'start', 'the pause was undone')),
  }),
  switch: defineAction({
    title: 'Switch blue and green',
    description: 'Gives everything to one part at once; the other one is kept for a rollback.',
    effect: 'write',
    input: z.object({ split, to: z.string().min(1).describe('Name of an application.'), reason }),
    output: splitModel,
    run: (service: GatewayService, { split: name, to, reason: why }) => service.switchTo(name, to, why),
    undo: async (service: GatewayService, { split: name }) =>
      void (await service.canary(name, 'rollback', 'the switch was undone')),
  }),
  explain: defineAction({
    title: 'Explain a request',
    description:
      'What would become of a request and why: routes, split, instances, limits and cache. Nothing is sent.',
    effect: 'read',
    input: explainParams,
    output: explanation,
    run: (service: GatewayService, request) => service.explain(request),
  }),
}
