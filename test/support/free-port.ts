import { createServer } from 'node:net'

/**
 * Below the range that `listen(0)` and outgoing connections take ports from (32768 and up on Linux): a port of
 * that range may be another socket's before the gateway binds it.
 */
const FIRST_PORT = 10_000
const PORT_COUNT = 22_000
const givenPorts = new Set<number>()

/** A port on which nothing listens and which this process has not given out before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORT_COUNT)
    if (givenPorts.has(port) || !(await canListen(port))) continue
    givenPorts.add(port)
    return port
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, () => server.close(() => resolve(true)))
  })
}
