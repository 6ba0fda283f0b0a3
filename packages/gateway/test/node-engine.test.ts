import { createGateway } from '../src/index.ts'
import { engineSuite } from '../src/testing/index.ts'

engineSuite('node', createGateway)
