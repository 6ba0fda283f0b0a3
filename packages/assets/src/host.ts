import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HostContext, HostDefinition, InstanceState } from '@millrace/core'
import { allocatePort, isPortFree, RunFiles, SupervisedProcess, type Launch } from '@millrace/core/process'
import type { AssetsConfig } from './config.ts'
import { IMAGE_PATH } from './images/url.ts'
import { ImageInstances } from './platform/image-instances.ts'
import { gatewayOrigin } from './platform/origin.ts'
import { SETTINGS_VARIABLE, type ImageProcessSettings } from './server/settings.ts'

export const POOL = 'assets'

const ABORTED_DEADLINE_MS = 2_000

/** What the image process may see of the environment: not the database's address, not the tokens of others. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_EXTRA_CA_CERTS']

/** The part in the supervisor: runs the image process and tells the gateway where it is. */
export const host: HostDefinition<AssetsConfig> = {
  async start(context) {
    const runFiles = new RunFiles(join(context.dataDir, 'processes'))
    await runFiles.reap(context.logger)
    const instances = new ImageInstances(POOL, context.logger)
    let port = 0
    const child = new SupervisedProcess({
      id: POOL,
      kind: 'service',
      logger: context.logger,
      clock: context.clock,
      runFiles,
      launch: async () => {
        // The same port as long as nobody took it, so that little changes for those who know it.
        if (port === 0 || !(await isPortFree(port))) port = await allocatePort()
        return launch(context, instances.begin(port), port)
      },
      onChange: ({ state }) => {
        const states: Partial<Record<typeof state, InstanceState>> = {
          ready: 'ready',
          draining: 'draining',
          failed: 'failed',
          stopped: 'stopped',
        }
        void instances.update(states[state] ?? 'starting')
        context.changed()
      },
    })
    context.ports.provide('instances', instances.board)
    context.ports.addRoute({ prefix: IMAGE_PATH, pool: POOL })
    const stop = (deadlineMs: number): Promise<void> => child.stop({ deadlineMs })
    const stopEarly = (): void => void stop(ABORTED_DEADLINE_MS)
    context.signal?.addEventListener('abort', stopEarly, { once: true })
    child.start()
    // A first failure is logged and tried again: the platform runs without pictures rather than not at all.
    await child.whenReady().catch(() => undefined)
    // From here on `stop` ends it, in its turn: the gateway still forwards what visitors asked for before.
    context.signal?.removeEventListener('abort', stopEarly)
    return {
      status: () => [child.status()],
      methods: { address: async () => ({ url: `http://127.0.0.1:${port}` }) },
      stop: async ({ deadlineMs }) => {
        await instances.update('draining')
        await stop(deadlineMs)
      },
    }
  },
}

function launch(context: HostContext<AssetsConfig>, instance: string, port: number): Launch {
  const fromSource = import.meta.url.endsWith('.ts')
  const main = new URL(`./server/main.${fromSource ? 'ts' : 'js'}`, import.meta.url)
  const settings: ImageProcessSettings = {
    config: context.config,
    port,
    instance,
    origin: gatewayOrigin(context.platform),
    internalPrefixes: ['/_millrace', ...context.ports.routes().map(({ prefix }) => prefix)],
    folder: join(context.dataDir, 'results'),
    ...(context.config.store.shared ? { shared: context.ports.find('sharedCache') } : {}),
    telemetry: context.telemetry,
    logLevel: context.platform.logLevel,
  }
  return {
    command: [process.execPath, ...(fromSource ? ['--conditions=millrace:source'] : []), fileURLToPath(main)],
    env: {
      ...Object.fromEntries(INHERITED.map((name) => [name, process.env[name]])),
      // Many threads allocate and free large buffers; glibc would otherwise keep an arena's worth of each.
      MALLOC_ARENA_MAX: '2',
      [SETTINGS_VARIABLE]: JSON.stringify(settings),
    },
    ipc: true,
    readiness: { kind: 'http', port, path: '/health', hosts: ['127.0.0.1'] },
  }
}
