export { engineSuite } from './engine-suite.ts'
export { eventually, Fixture, onePool, type CreateEngine } from './fixture.ts'
export { RawConnection, rawExchange, statuses } from './raw-connection.ts'
export { cachingSuite } from './caching/caching-suite.ts'
