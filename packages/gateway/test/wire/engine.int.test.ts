import { createGateway } from '../../src/index.ts'
import { engineSuite } from '../../src/testing/index.ts'

engineSuite('node (strict)', (options) => createGateway({ ...options, http1: 'strict' }))
