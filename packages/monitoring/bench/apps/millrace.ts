import { createServer, type IncomingMessage } from 'node:http'
import { createTestContext, fakeClock, testDatabase } from '@millrace/testing'
import { decodeOtlp } from '@millrace/core/metrics'
import { capability } from '../../src/capability.ts'
import { MonitoringService } from '../../src/service.ts'

// millrace.ts <port> <start>: the service with its PostgreSQL, on a clock that follows the points it is sent.
const [, , port, start] = process.argv
const database = await testDatabase({ settings: { fsync: 'on', synchronous_commit: 'on' } })
const clock = fakeClock({ now: Number(start) })
const { context } = await createTestContext(capability, {
  databaseUrl: database.url,
  clock,
  config: { system: false },
})
const service = await MonitoringService.create(context)

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

const server = createServer((request, response) => {
  const answer = async (): Promise<unknown> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (request.method === 'POST') {
      const { points } = decodeOtlp(JSON.parse(await bodyOf(request)))
      const at = Math.max(...points.map((point) => point.at))
      // Every timer that falls due runs, the minutely flush among them.
      await clock.advance(Math.max(0, at - clock.now()))
      return service.writer.write(points)
    }
    return service.reader.range({
      metric: url.searchParams.get('metric') ?? '',
      aggregate: 'avg',
      from: Number(url.searchParams.get('from')),
      to: Number(url.searchParams.get('to')),
      width: 400,
      by: ['series'],
    })
  }
  answer().then(
    (result) => response.end(JSON.stringify(result)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  )
})
server.listen(Number(port), '127.0.0.1')
process.once('SIGTERM', () => {
  server.close()
  void service
    .dispose()
    .then(() => database.stop())
    .finally(() => process.exit(0))
})
