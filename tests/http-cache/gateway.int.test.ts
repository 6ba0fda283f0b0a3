import { createHttpCache } from '@millrace/cache/http-cache'
import { createGateway } from '@millrace/gateway'
import { cachingSuite } from '@millrace/gateway/testing'

cachingSuite('node', createGateway, createHttpCache)
