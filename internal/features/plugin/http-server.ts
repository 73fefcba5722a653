import { setTimeout } from 'node:timers/promises'
import { ConfigError, GatewayError } from '../../errors.ts'
import type { Deadline } from '../../pipe/deadline.ts'
import type { ClientRequest, Handler, Reply as HandlerReply } from '../../pipe/pipe.ts'
import { withinDeadline } from '../../pipe/within-deadline.ts'
import { pathOf, type Scope, type ServiceFeature } from '../feature.ts'
import { draftOf, IncomingBody, OutgoingBody } from './bodies.ts'
import { failure, failureOf } from './failure.ts'
import { built, type NamedPlugin, namedPlugins } from './named-plugins.ts'
import { OwnTime } from './own-time.ts'
import type { HttpServer, Reply, ReplyDraft, ServerRequest } from './plugin.ts'
import { headerListOf, headerValuesOf } from './values.ts'

const NAMESPACE = 'plugin/http-server'
const INTERNAL_ERROR = 500
/** How long a plugin may take behind a reply that came when the time was up. */
const GRACE_MS = 1000

/** `plugin/http-server`: modules around the whole router. The last one named sees a request first, as in KrakenD. */
export const serverPlugins: ServiceFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const path = pathOf(NAMESPACE, {})
    const plugins = namedPlugins(config, path, place.service)
    const works = plugins.map((named) => serverOf(named, path, scope))
    const { router, timeoutMs } = place.service
    const common = { showsErrors: router.returnErrorMsg, timeoutMs, scope }
    return (next) =>
      works.reduce<Handler>((inner, work) => around({ ...work, ...common }, inner), next)
  },
}

type Work = { readonly name: string; readonly work: ReturnType<HttpServer> }

function serverOf(named: NamedPlugin, path: string, scope: Scope): Work {
  const { name, httpServer } = named.plugin
  if (httpServer === undefined)
    throw new ConfigError(`the plugin ${name} wraps no server`, { path })
  return { name, work: built(httpServer, named, path, scope) }
}

type Options = Work & {
  readonly showsErrors: boolean
  /** What the service gives an endpoint that names no time: so much has a plugin before and behind `next`, too. */
  readonly timeoutMs: number
  readonly scope: Scope
}

function around(options: Options, inner: Handler): Handler {
  const { name, work, showsErrors, scope } = options
  return async function handleByPlugin(request, deadline) {
    const pass = new Pass(request, deadline, inner, options)
    try {
      return pass.replyOf(await pass.answerOf(work))
    } catch (error) {
      const { message, status, contentType } = failureOf(name, error)
      scope.log.error(message)
      pass.giveUp()
      return {
        status: status ?? INTERNAL_ERROR,
        headers: showsErrors ? ['Content-Type', contentType ?? 'text/plain; charset=utf-8'] : [],
        body: showsErrors ? message : undefined,
        errors: [message],
      }
    }
  }
}

/** One request in a plugin's hands. */
class Pass {
  readonly given: ServerRequest
  readonly #request: ClientRequest
  readonly #deadline: Deadline
  readonly #inner: Handler
  readonly #maxBytes: number
  /** Replies of the router, with the bodies that the plugin has of them. */
  readonly #replies = new Map<OutgoingBody, HandlerReply>()
  readonly #ownTime: OwnTime
  #inside: Promise<unknown> | undefined
  #isGivenUp = false

  constructor(
    request: ClientRequest,
    deadline: Deadline,
    inner: Handler,
    { scope, timeoutMs }: Options,
  ) {
    this.#request = request
    this.#deadline = deadline
    this.#inner = inner
    this.#maxBytes = scope.maxDecodeBytes
    this.#ownTime = new OwnTime(deadline, timeoutMs)
    this.given = {
      method: request.method,
      path: request.path,
      rawQuery: request.rawQuery,
      headers: headerValuesOf(request.headers),
      host: request.host,
      clientAddress: request.clientAddress,
      body: new IncomingBody(request.body, scope.holder, deadline),
    }
  }

  readonly next = (changed: ServerRequest): Promise<Reply> => {
    this.#ownTime.pause()
    const inside = this.#ask(changed).finally(() => this.#ownTime.resume())
    this.#inside = inside
    return inside
  }

  async #ask(changed: ServerRequest): Promise<Reply> {
    if (this.#isGivenUp) throw new GatewayError('timeout')
    if (this.#inside === undefined) this.#deadline.restart()
    const reply = await this.#inner(this.#changedRequest(changed), this.#deadline)
    const body = new OutgoingBody(reply.body, this.#maxBytes)
    this.#replies.set(body, reply)
    return { status: reply.status, headers: headerValuesOf(reply.headers), body }
  }

  #changedRequest(changed: ServerRequest): ClientRequest {
    const { method, path, rawQuery, host } = changed
    if (![method, path, rawQuery, host].every((each) => typeof each === 'string'))
      throw failure('passed a request on that is none')
    if (!path.startsWith('/')) throw failure(`passed the path ${JSON.stringify(path)} on`)
    const body = draftOf(changed.body, IncomingBody)
    return {
      ...this.#request,
      method,
      path,
      rawQuery,
      host,
      headers:
        changed.headers === this.given.headers
          ? this.#request.headers
          : headerListOf(changed.headers),
      body: body instanceof IncomingBody ? body.raw : body,
    }
  }

  /**
   * What the plugin makes of it. A time-out inside is the router's to answer: the plugin sees that reply too, and has
   * a moment to finish; its work is never skipped.
   */
  async answerOf(work: ReturnType<HttpServer>): Promise<ReplyDraft> {
    const draft = (async () => work(this.given, this.next))()
    try {
      return await withinDeadline(Promise.race([draft, this.#ownTime.over]), this.#deadline)
    } catch (error) {
      if (!this.#deadline.isOver || this.#inside === undefined) throw error
      const grace = new AbortController()
      const late = setTimeout(GRACE_MS, undefined, { signal: grace.signal, ref: false })
      await this.#inside.catch(() => {})
      return Promise.race([draft, late.then(() => Promise.reject(error))]).finally(() => {
        late.catch(() => {})
        grace.abort()
      })
    }
  }

  replyOf(draft: ReplyDraft): HandlerReply {
    this.#ownTime.pause()
    if (typeof draft !== 'object' || draft === null || !Number.isInteger(draft.status))
      throw failure('returned no reply')
    const headers = headerListOf(draft.headers ?? {})
    const body = draftOf(draft.body, OutgoingBody)
    const own = body instanceof OutgoingBody ? body : undefined
    this.drop(own)
    const before = own === undefined ? undefined : this.#replies.get(own)
    const isSame = own !== undefined && own.raw === before?.body
    return {
      ...before,
      status: draft.status,
      headers: isSame ? headers : withoutLength(headers),
      body: own === undefined ? (body as Buffer | undefined) : own.raw,
    }
  }

  /** From now on the plugin works for nobody. */
  giveUp(): void {
    this.#isGivenUp = true
    this.#ownTime.pause()
    this.drop(undefined)
  }

  /** Gives up the replies whose body is not handed on. */
  drop(kept: OutgoingBody | undefined): void {
    for (const body of this.#replies.keys()) if (body !== kept) body.drop()
  }
}

/** The listener measures what it sends. */
const withoutLength = (headers: string[]): string[] =>
  headers.filter((_, at) => headers[at - (at % 2)] !== 'Content-Length')
