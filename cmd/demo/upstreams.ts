import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'

/** The three services of the demo, all alike but for their name. */
export const UPSTREAMS = [
  { name: 'one', port: 8081 },
  { name: 'two', port: 8082 },
  { name: 'three', port: 8083 },
] as const

const ORDERS = [
  { id: 1, item: 'bread' },
  { id: 2, item: 'honey' },
]

/** Answers a path by what it starts with; `rest` is what follows. */
const ROUTES: Readonly<Record<string, (rest: string, servedBy: string) => unknown>> = {
  users: (id, served_by) => ({ id, name: `User ${id}`, city: 'Antwerp', served_by }),
  items: (id, served_by) => ({ id, title: `Item ${id}`, price: 12.5, served_by }),
  orders: () => ORDERS,
}

/** Starts one of them on loopback; rejects when its port is taken. */
export async function startUpstream(name: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const [, kind = '', rest = ''] = new URL(request.url ?? '/', 'http://demo').pathname.split('/')
    const route = Object.hasOwn(ROUTES, kind) ? ROUTES[kind] : undefined
    if (kind === 'pages') sendPage(response, rest, name)
    else if (route === undefined) response.writeHead(404).end()
    else sendJson(response, route(rest, name))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
}

function sendPage(response: ServerResponse, page: string, name: string): void {
  response
    .writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Served-By': name })
    .end(`This is page ${decodeURIComponent(page)}, word for word as ${name} wrote it.\n`)
}
