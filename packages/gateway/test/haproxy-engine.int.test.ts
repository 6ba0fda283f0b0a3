import { DIFFERENCES, LACKING } from '../src/drivers/haproxy/differences.ts'
import { createHaproxyGateway } from '../src/drivers/haproxy/haproxy.ts'
import { engineSuite } from '../src/testing/index.ts'

engineSuite('haproxy', createHaproxyGateway, { lacking: LACKING, differences: DIFFERENCES })
