import type { Call, Send, UpstreamReply } from '../../client/client.ts'
import { ConfigError } from '../../errors.ts'
import { headerValue } from '../../pipe/headers.ts'
import { type CallFeature, pathOf, type Scope } from '../feature.ts'
import { draftOf, IncomingBody, OutgoingBody } from './bodies.ts'
import { failure } from './failure.ts'
import { inTime } from './in-time.ts'
import { built, namedPlugins } from './named-plugins.ts'
import type { ClientCall, HttpClient, Reply, ReplyDraft } from './plugin.ts'
import { headerListOf, headerValuesOf } from './values.ts'

const NAMESPACE = 'plugin/http-client'
const ADDRESS = /^(https?:\/\/[^/?#\s]+)([/?][^#\s]*)?$/

/** `plugin/http-client`: a module makes this upstream's calls, with the gateway's own client at hand. */
export const clientPlugin: CallFeature = {
  namespace: NAMESPACE,
  prepare(config, place, scope) {
    const path = pathOf(NAMESPACE, place)
    const [named, another] = namedPlugins(config, path, place.service)
    if (named === undefined || another !== undefined)
      throw new ConfigError('takes one plugin', { path: `${path}.name` })
    const { name, httpClient } = named.plugin
    if (httpClient === undefined)
      throw new ConfigError(`the plugin ${name} makes no calls`, { path })
    const work = built(httpClient, named, path, scope)
    return (send) => byPlugin(name, work, send, scope)
  },
}

function byPlugin(name: string, work: ReturnType<HttpClient>, send: Send, scope: Scope): Send {
  return async function sendByPlugin(call, deadline) {
    const bodies: OutgoingBody[] = []
    const next = async (changed: ClientCall): Promise<Reply> => {
      const reply = await send(toCall(changed, call), deadline)
      const body = new OutgoingBody(reply.body, scope.maxDecodeBytes)
      bodies.push(body)
      return { status: reply.status, headers: headerValuesOf(reply.headerList()), body }
    }
    const given: ClientCall = {
      method: call.method,
      url: `${call.origin}${call.path}`,
      headers: headerValuesOf(call.headers),
      body: new IncomingBody(call.body, scope.holder, deadline),
    }
    let used: OutgoingBody | undefined
    try {
      const draft = await inTime(name, () => work(given, next), deadline)
      const { reply, body } = toReply(draft)
      used = body
      return reply
    } finally {
      // Answers that the plugin asked for and did not hand on.
      for (const body of bodies) if (body !== used) body.drop()
    }
  }
}

function toCall(changed: ClientCall, call: Call): Call {
  const [, origin, path = '/'] = ADDRESS.exec(changed.url) ?? []
  if (origin === undefined) throw failure(`called ${JSON.stringify(changed.url)}`)
  const body = draftOf(changed.body, IncomingBody)
  return {
    ...call,
    method: changed.method,
    origin,
    path: path.startsWith('/') ? path : `/${path}`,
    headers: headerListOf(changed.headers),
    body: body instanceof IncomingBody ? body.raw : body,
  }
}

type Handed = { readonly reply: UpstreamReply; readonly body: OutgoingBody | undefined }

function toReply(draft: ReplyDraft): Handed {
  if (typeof draft !== 'object' || draft === null || typeof draft.status !== 'number')
    throw failure('returned no reply')
  const headers = headerListOf(draft.headers ?? {})
  const body = draftOf(draft.body, OutgoingBody)
  const own = body instanceof OutgoingBody ? body : undefined
  const stream = (own ?? new OutgoingBody(body as Buffer | undefined, 0)).stream()
  return {
    body: own,
    reply: {
      status: draft.status,
      header: (lowerName) => headerValue(headers, lowerName),
      headerList: () => headers,
      body: stream,
    },
  }
}
