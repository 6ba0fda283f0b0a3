import { create } from '@platformatic/gateway'

const [port, upstream] = process.argv.slice(2)
const gateway = await create(
  import.meta.dirname,
  {
    server: { hostname: '127.0.0.1', port: Number(port), logger: { level: 'error' } },
    gateway: { applications: [{ id: 'upstream', proxy: { prefix: '/', upstream } }] },
  },
  {},
)
await gateway.start({ listen: true })
