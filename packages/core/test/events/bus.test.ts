import { createEventBus } from '../../src/index.ts'
import { eventBusSuite } from './bus-suite.ts'

eventBusSuite('createEventBus', createEventBus)
