import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DnsServer } from '../../test/support/dns-server.ts'
import { records } from './records.ts'
import { startUpstream, UPSTREAMS } from './upstreams.ts'

const DNS_PORT = 8053
const GATEWAY = fileURLToPath(new URL('../gateway/main.ts', import.meta.url))
const CONFIG = fileURLToPath(new URL('../../configs/krakend.json', import.meta.url))

const HEALTH = 'http://127.0.0.1:8080/__health'
const RETRY_MS = 100

const WELCOME = `
Three upstreams on 8081-8083, a name server on ${DNS_PORT}, the gateway on 8080. Try:

  curl -s localhost:8080/users/7            two static hosts, in turn
  curl -s localhost:8080/catalog/7          hosts from SRV records: one, two, two, one, ...
  curl -s localhost:8080/overview/7         three backends, one answer
  curl -si localhost:8080/page/hello        passed through as it comes
  curl -s localhost:8080/__health
  curl -s 127.0.0.1:8091/discovery          which hosts there are, and why
  curl -s 127.0.0.1:8091/metrics            for Prometheus

Its configuration is configs/krakend.json. Ctrl-C ends everything.
`

type Closing = () => unknown

/** Starts what the gateway needs around it; says which port is taken if one is. */
async function startSurroundings(): Promise<Closing> {
  const closings: Closing[] = []
  const closeAll = () => Promise.all(closings.map((close) => close()))
  try {
    for (const { name, port } of UPSTREAMS) {
      const server = await startUpstream(name, port)
      closings.push(() => server.close().closeAllConnections())
    }
    const dns = await DnsServer.start(records, DNS_PORT)
    closings.push(() => dns.close())
    return closeAll
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** The gateway in a process group of its own: a Ctrl-C reaches it through us, once. */
function startGateway(): ChildProcess {
  const args = [GATEWAY, 'run', '-c', CONFIG, ...process.argv.slice(2)]
  const gateway = spawn(process.execPath, args, { stdio: 'inherit', detached: true })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => gateway.kill(signal))
  process.on('exit', () => gateway.kill('SIGKILL'))
  return gateway
}

/** Waits until the gateway answers; `false` when it ended instead. */
async function isListening(gateway: ChildProcess): Promise<boolean> {
  while (gateway.exitCode === null && gateway.signalCode === null) {
    const answer = await fetch(HEALTH).catch(() => undefined)
    if (answer?.ok === true) return true
    await setTimeout(RETRY_MS)
  }
  return false
}

async function demo(): Promise<number> {
  const closeSurroundings = await startSurroundings()
  const gateway = startGateway()
  const exit = once(gateway, 'exit')
  if (await isListening(gateway)) process.stdout.write(WELCOME)
  const [status]: (number | null)[] = await exit
  await closeSurroundings()
  return status ?? 1
}

/** A taken port in words; anything else as it is. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!('code' in error) || error.code !== 'EADDRINUSE' || !('port' in error)) return error.message
  return `Port ${error.port} is taken. The demo needs 8080 to 8083, ${DNS_PORT} and 8091.`
}

try {
  process.exitCode = await demo()
} catch (error) {
  process.stderr.write(`The demo cannot start: ${describe(error)}\n`)
  process.exitCode = 1
}
