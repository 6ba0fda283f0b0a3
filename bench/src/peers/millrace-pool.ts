import { createGateway, type GatewayOptions } from '@millrace/gateway'

/** The gateway before several backends: `port {"balance":"…","ports":[…]}`. */
const [port, settings] = process.argv.slice(2)
const { balance, ports } = JSON.parse(settings!) as { balance: GatewayOptions['balance']; ports: number[] }
await createGateway({
  port: Number(port),
  routes: [{ prefix: '/', pool: 'app' }],
  pools: [
    {
      name: 'app',
      ...(balance === undefined ? {} : { balance }),
      backends: ports.map((each) => ({ id: `app/${each}`, host: '127.0.0.1', port: each })),
    },
  ],
}).listen()
