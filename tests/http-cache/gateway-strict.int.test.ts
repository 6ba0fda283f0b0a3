import { createHttpCache } from '@millrace/cache/http-cache'
import { createGateway } from '@millrace/gateway'
import { cachingSuite } from '@millrace/gateway/testing'

cachingSuite('node (strict)', (options) => createGateway({ ...options, http1: 'strict' }), createHttpCache)
