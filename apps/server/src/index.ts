export type { ServerOptions, StartedServer } from './options.ts'
export { createServer, type Server } from './server.ts'
