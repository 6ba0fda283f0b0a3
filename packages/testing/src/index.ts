// Under the name that tests look for. Prefer listening on port 0 where the code allows it.
export * from './capability/open-handles.ts'
export * from './capability/test-context.ts'
export * from './clock/fake-clock.ts'
export * from './database/test-database.ts'
export * from './network/chaos-proxy.ts'
export * from './wait/wait-for.ts'
