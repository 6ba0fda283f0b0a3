/** The map of the panel: sections, their tabs, and what a tab that is not built yet will show. */

export interface TabPlan {
  /** What will be there, in one or two sentences. */
  what: string
  /** The capability that it comes from. */
  capability: string
  /** Show that capability's generic screen below, when it runs: its numbers and actions are the tab's beginning. */
  generic?: boolean
}

export interface TabEntry {
  path: string
  title: string
  /** Absent: the tab has a screen of its own in `screens.tsx`. */
  plan?: TabPlan
}

export interface SectionEntry {
  path: string
  title: string
  /** After `g`. */
  shortcut: string
  group: 'dashboards' | 'platform'
  tabs: readonly TabEntry[]
}

export const SECTIONS: readonly SectionEntry[] = [
  {
    path: 'performance',
    title: 'Performance',
    shortcut: 'p',
    group: 'dashboards',
    tabs: [
      { path: 'overview', title: 'Overview' },
      { path: 'api', title: 'API' },
      { path: 'caching', title: 'Caching' },
      {
        path: 'cdn',
        title: 'CDN',
        plan: {
          what: 'Edge hit ratio, bytes saved and purges per region, on a map.',
          capability: 'cdn',
          generic: true,
        },
      },
      {
        path: 'database',
        title: 'Database',
        plan: {
          what: 'The slowest queries with their plans, missing and unused indexes, connections and bloat; paste SQL to have it analysed.',
          capability: 'database',
          generic: true,
        },
      },
      {
        path: 'optimization',
        title: 'Auto-tuning',
        plan: {
          what: 'What the platform may change by itself: scaling, cache warming, vacuum and purge schedules.',
          capability: 'optimization',
          generic: true,
        },
      },
    ],
  },
  {
    path: 'gateway',
    title: 'Gateway',
    shortcut: 'g',
    group: 'dashboards',
    tabs: [
      { path: 'overview', title: 'Overview' },
      { path: 'pools', title: 'Pools' },
      { path: 'splits', title: 'Splits' },
      { path: 'connections', title: 'Connections' },
      { path: 'requests', title: 'Requests' },
      { path: 'explain', title: 'Explain' },
    ],
  },
  {
    path: 'scaling',
    title: 'Scaling',
    shortcut: 's',
    group: 'dashboards',
    tabs: [
      { path: 'overview', title: 'Overview' },
      {
        path: 'policies',
        title: 'Policies',
        plan: {
          what: 'Rules per metric, edited here and replayed on recorded traffic before they are saved.',
          capability: 'scaling',
        },
      },
      {
        path: 'history',
        title: 'History',
        plan: {
          what: 'Every scaling decision with its reason and cost, also those that changed nothing.',
          capability: 'scaling',
        },
      },
      {
        path: 'predictions',
        title: 'Predictions',
        plan: {
          what: 'The load of the next 24 hours with its interval, and how good earlier forecasts were.',
          capability: 'scaling',
        },
      },
    ],
  },
  {
    path: 'profiling',
    title: 'Profiling',
    shortcut: 'r',
    group: 'dashboards',
    tabs: [
      {
        path: 'overview',
        title: 'Overview',
        plan: {
          what: 'Where the applications spend their CPU time and memory, per service.',
          capability: 'profiling',
          generic: true,
        },
      },
      {
        path: 'cpu',
        title: 'CPU',
        plan: {
          what: 'Flame graphs with search, zoom, source lines, and the difference between two periods.',
          capability: 'profiling',
        },
      },
      {
        path: 'memory',
        title: 'Memory',
        plan: {
          what: 'Heap snapshots, growth that points to leaks, and garbage collection.',
          capability: 'profiling',
        },
      },
      {
        path: 'tracing',
        title: 'Tracing',
        plan: {
          what: 'Traces by service, duration and error; the waterfall of one; the map of services.',
          capability: 'tracing',
          generic: true,
        },
      },
      {
        path: 'code',
        title: 'Code',
        plan: {
          what: 'Findings in the source with the change before and after, applied after review.',
          capability: 'code',
          generic: true,
        },
      },
    ],
  },
  {
    path: 'optimization',
    title: 'Optimization',
    shortcut: 'o',
    group: 'dashboards',
    tabs: [
      { path: 'recommendations', title: 'Recommendations' },
      {
        path: 'assets',
        title: 'Assets',
        plan: {
          what: 'The pictures, scripts and styles of the site: what they weigh, what they could weigh, in bulk.',
          capability: 'assets',
          generic: true,
        },
      },
      {
        path: 'edge',
        title: 'Edge functions',
        plan: {
          what: 'Deploy, logs and rollback of functions that run in the gateway.',
          capability: 'edge',
          generic: true,
        },
      },
      {
        path: 'network',
        title: 'Network',
        plan: {
          what: 'The waterfall of a page load and what delays it.',
          capability: 'network',
          generic: true,
        },
      },
      {
        path: 'experiments',
        title: 'A/B tests',
        plan: {
          what: 'Traffic splits with their measured effect and its certainty.',
          capability: 'optimization',
        },
      },
      {
        path: 'users',
        title: 'Real users',
        plan: {
          what: 'Web Vitals as visitors experience them, by page, device and country.',
          capability: 'react',
        },
      },
    ],
  },
  { path: 'components', title: 'Components', shortcut: 'c', group: 'platform', tabs: [] },
  { path: 'capabilities', title: 'Capabilities', shortcut: 'm', group: 'platform', tabs: [] },
  { path: 'audit', title: 'Audit log', shortcut: 'a', group: 'platform', tabs: [] },
  { path: 'access', title: 'Users and tokens', shortcut: 'u', group: 'platform', tabs: [] },
  { path: 'settings', title: 'Settings', shortcut: 'e', group: 'platform', tabs: [] },
  { path: 'help', title: 'Help', shortcut: 'h', group: 'platform', tabs: [] },
]

export const sectionAt = (path: string): SectionEntry | undefined =>
  SECTIONS.find((section) => section.path === path.split('/').find((part) => part !== ''))
