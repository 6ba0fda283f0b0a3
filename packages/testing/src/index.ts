export * from './clock/fake-clock.ts'
export * from './network/chaos-proxy.ts'
export * from './network/free-port.ts'
export * from './wait/wait-for.ts'
