import type { SplitDecision } from './split-state.ts'

declare module '@millrace/core' {
  interface EventMap {
    /** Shares of a split have changed, or a canary was paused or goes on: by hand, or by the controller. */
    'split.changed': { split: string } & SplitDecision
  }
}
