import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { type HttpServer, startHttpServer } from '../support/http-server.ts'
import type { Answer, Routes } from './spec.ts'

/** A request as an upstream received it. */
export type SeenRequest = {
  readonly upstream: string
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Long enough for the bytes before the cut to leave, short enough not to slow a case down. */
const CUT_AFTER_MS = 20

/** Answers what `routes` say, and tells `see` of every request. */
export async function startUpstream(
  name: string,
  routes: Routes,
  see: (request: SeenRequest) => void,
): Promise<HttpServer> {
  const answerOf = answersInTurn(routes)
  return startHttpServer(async (request, response) => {
    const body = await buffer(request).catch(() => Buffer.alloc(0))
    const { method = '', url = '' } = request
    const seen = {
      upstream: name,
      method,
      url,
      headers: request.headers,
      body: body.toString('utf8'),
    }
    see(seen)
    const answer = answerOf(method, url)
    if (answer === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('no such route')
      return
    }
    await give(answer, seen, request, response)
  })
}

/** A route with several answers gives them one after the other, then the last one for ever. */
function answersInTurn(routes: Routes): (method: string, url: string) => Answer | undefined {
  const turns = new Map<string, number>()
  return (method, url) => {
    const [pathname = ''] = url.split('?')
    const keys = [
      `${method} ${url}`,
      `${method} ${pathname}`,
      `* ${pathname}`,
      `${method} *`,
      '* *',
    ]
    const key = keys.find((one) => Object.hasOwn(routes, one))
    const route = key === undefined ? undefined : routes[key]
    if (key === undefined || route === undefined) return undefined
    const turn = turns.get(key) ?? 0
    turns.set(key, turn + 1)
    return isList(route) ? route[Math.min(turn, route.length - 1)] : route
  }
}

const isList = (route: Answer | readonly Answer[]): route is readonly Answer[] =>
  Array.isArray(route)

async function give(
  answer: Answer,
  seen: SeenRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (answer.delayMs !== undefined) await wait(answer.delayMs)
  if (answer.reset === true) {
    request.socket.destroy()
    return
  }
  const payload = answer.gzip === true ? gzipSync(bytesOf(answer, seen)) : bytesOf(answer, seen)
  response.writeHead(answer.status ?? 200, headersOf(answer))
  if (answer.cutAfter === undefined) {
    response.end(payload)
    return
  }
  response.write(payload.subarray(0, answer.cutAfter))
  setTimeout(() => request.socket.destroy(), CUT_AFTER_MS)
}

function bytesOf(answer: Answer, { method, url, headers, body }: SeenRequest): Buffer {
  if (answer.base64 !== undefined) return Buffer.from(answer.base64, 'base64')
  if (answer.echo === true) return Buffer.from(JSON.stringify({ method, url, headers, body }))
  if (answer.rawJson !== undefined) return Buffer.from(answer.rawJson)
  if (answer.json !== undefined) return Buffer.from(JSON.stringify(answer.json))
  return Buffer.from(answer.text ?? '')
}

function headersOf(answer: Answer): Record<string, string | string[]> {
  const isJson = answer.echo === true || answer.rawJson !== undefined || answer.json !== undefined
  return {
    ...(isJson && answer.headers?.['content-type'] === undefined
      ? { 'content-type': 'application/json' }
      : {}),
    ...answer.headers,
    ...(answer.gzip === true ? { 'content-encoding': 'gzip' } : {}),
  }
}
