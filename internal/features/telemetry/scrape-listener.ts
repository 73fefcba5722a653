import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { closedAtOnce, listening, smallServer } from '../../small-listener.ts'

/** Answers one path of a listener; anything else there is 404. */
export type ScrapeAnswer = (
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void> | void
export type ScrapeOptions = {
  /** `''`: all addresses. */
  readonly host: string
  readonly port: number
  readonly paths: Readonly<Record<string, ScrapeAnswer>>
  /** The answer elsewhere. */
  readonly notFound: { readonly headers: Readonly<Record<string, string>>; readonly text: string }
  /** Told once why it does not listen, and about answers that failed. */
  readonly onProblem: (problem: string) => void
  readonly retryMs?: number
}
export type ScrapeListener = {
  /** As the system gave it; 0 while it does not listen. */
  readonly port: number
  close(): Promise<void>
}

const LIMITS = { headerTimeoutMs: 3_000, idleTimeoutMs: 120_000 }
const RETRY_MS = 5_000

/**
 * A listener of the main thread for those who collect numbers. A port that is taken is no reason not to serve: as
 * KrakenD, the gateway says so and goes on; other than KrakenD, it tries again, so that the port of a predecessor
 * that is still draining is taken over.
 */
export async function scrapeListener(options: ScrapeOptions): Promise<ScrapeListener> {
  const { onProblem, retryMs = RETRY_MS } = options
  let server: Server | undefined
  let retry: NodeJS.Timeout | undefined
  let isReported = false
  const open = async (): Promise<void> => {
    const opened = newServer(options)
    const problem = await listening(opened, options)
    if (problem === undefined) {
      server = opened
      return
    }
    if (!isReported)
      onProblem(`cannot listen on ${options.host}:${options.port}: ${problem.message}`)
    isReported = true
    retry = setTimeout(open, retryMs).unref()
  }
  await open()
  return {
    get port() {
      const address = server?.address()
      return typeof address === 'object' && address !== null ? address.port : 0
    },
    async close() {
      clearTimeout(retry)
      if (server !== undefined) await closedAtOnce(server)
    },
  }
}

function newServer({ paths, notFound, onProblem }: ScrapeOptions): Server {
  const server = smallServer(LIMITS)
  server.on('request', (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    const answer = Object.hasOwn(paths, path) ? paths[path] : undefined
    if (answer === undefined) {
      response.writeHead(404, notFound.headers)
      response.end(notFound.text)
      return
    }
    Promise.resolve()
      .then(() => answer(request, response))
      .catch((thrown: unknown) => {
        if (response.destroyed) return
        onProblem(`${path}: ${String(thrown)}`)
        if (response.headersSent) response.destroy()
        else response.writeHead(500).end()
      })
  })
  return server
}

/** Writes a piece of a scrape; what it returns holds the next one back while the scraper is slow. */
export function scrapeWriter(response: ServerResponse): (text: string) => Promise<void> | void {
  return (text) => {
    if (response.destroyed) throw new Error('the scraper hung up')
    return response.write(text) ? undefined : drained(response)
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the scraper hung up'))
    response.once('close', gone)
    response.once('drain', () => {
      response.off('close', gone)
      resolve()
    })
  })
}
