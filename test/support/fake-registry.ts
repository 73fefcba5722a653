import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Fault } from '../../internal/discovery/sources/contract.ts'
import { freePort } from './free-port.ts'

/** One question to a fake registry. */
export type Question = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly reply: ServerResponse
}
/** Answers one question; what it does not answer stays open. */
export type Answering = (question: Question) => void | Promise<void>

/** A registry for faults: it answers what the script says, and misbehaves when told. Real servers prove the rest. */
export type FakeRegistry = AsyncDisposable & {
  readonly url: string
  /** Every question so far, as `GET /path?query`. */
  readonly questions: string[]
  fault(kind: Fault): Promise<void>
}

/** Starts one on a port of its own, which it keeps while it is down. */
export async function startFakeRegistry(answer: Answering): Promise<FakeRegistry> {
  const port = await freePort()
  const questions: string[] = []
  let fault: Fault = 'none'
  let server: Server | undefined

  async function listener(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake')
    questions.push(`${request.method} ${request.url}`)
    if (fault === 'slow') return
    if (fault === 'error') return void reply.writeHead(500).end('something broke')
    if (fault === 'garbage') return void reply.writeHead(200).end('{"not": JSON')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    await answer({
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      reply,
    })
  }
  async function up(): Promise<void> {
    const started = createServer(
      (request, reply) => void listener(request, reply).catch(() => reply.destroy()),
    )
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    started.once('error', reject)
    started.listen(port, '127.0.0.1', resolve)
    await promise
    server = started
  }
  async function down(): Promise<void> {
    const running = server
    server = undefined
    if (running === undefined) return
    const { promise, resolve } = Promise.withResolvers<void>()
    running.close(() => resolve())
    running.closeAllConnections()
    await promise
  }

  await up()
  return {
    url: `http://127.0.0.1:${port}`,
    questions,
    async fault(kind) {
      fault = kind
      if (kind === 'down') await down()
      else if (server === undefined) await up()
    },
    [Symbol.asyncDispose]: down,
  }
}

export function sendJson(reply: ServerResponse, value: unknown, status = 200): void {
  reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
