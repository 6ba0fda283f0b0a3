import { createServer } from 'node:http'
import fastProxy from 'fast-proxy'

const [port, upstream] = process.argv.slice(2)
const fast = fastProxy({ base: upstream!, keepAliveMsecs: 30_000, maxSockets: 1_000 })
createServer((req, res) => fast.proxy(req, res, req.url!, {})).listen(Number(port), '127.0.0.1')
