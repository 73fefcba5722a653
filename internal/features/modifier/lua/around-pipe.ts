import { type BackendConfig, namespace } from '../../../config/types.ts'
import type { Deadline } from '../../../pipe/deadline.ts'
import { withoutUser } from '../../../pipe/host-user.ts'
import type { Decorator, JsonValue, Pipe, ProxyRequest, ProxyResponse } from '../../../pipe/pipe.ts'
import type { Scope } from '../../feature.ts'
import { type Called, REQUEST, RequestView } from './api/request.ts'
import { RESPONSE, ResponseView } from './api/response.ts'
import { BodyText } from './api/subject.ts'
import { drive } from './drive.ts'
import type { Execution } from './execution.ts'
import type { Running } from './machine/values.ts'
import { type Script, script } from './script.ts'

export type PipePlace = {
  readonly path: string
  readonly prefix: string
  /** Whether the endpoint passes bodies on (`no-op`). */
  readonly passesBodies: boolean
  /** Whose answers `post` sees. */
  readonly backends: readonly BackendConfig[]
}

/** Runs `pre` before a pipe and `post` on what it answers, both in one state. A failure passes without `post`. */
export function aroundPipe(config: JsonValue, place: PipePlace, scope: Scope): Decorator<Pipe> {
  const prepared = script(config, { ...place, kinds: [REQUEST, RESPONSE] }, scope)
  const options = {
    maxBytes: scope.maxDecodeBytes,
    passesBodies: place.passesBodies,
    details: detailKeys(place.backends),
  }
  const called = callOf(place.backends)
  return (next) =>
    async function runScripts(request, deadline) {
      const execution = prepared.start(deadline)
      try {
        const view = viewOf(execution, request, deadline, scope)
        await drive(before(prepared, execution, view))
        const response = prepared.settings.skipsNext ? EMPTY : await next(view.request, deadline)
        if (response.errors.length > 0 || prepared.parts.post === undefined) return response
        if (!prepared.settings.skipsNext) view.called(called)
        return await drive(
          after(prepared, execution, new ResponseView(execution.api, response, options)),
        )
      } finally {
        execution.close()
      }
    }
}

/** The keys under which backends describe failed calls. */
function detailKeys(backends: readonly BackendConfig[]): Set<string> {
  const aliases = backends.map(
    ({ extraConfig }) => namespace(extraConfig, 'backend/http')?.['return_error_details'],
  )
  return new Set(
    aliases.filter((alias) => typeof alias === 'string').map((alias) => `error_${alias}`),
  )
}

const viewOf = (
  { api }: Execution,
  request: ProxyRequest,
  deadline: Deadline,
  { holder }: Scope,
): RequestView => new RequestView(api, request, new BodyText(request.body, holder, deadline))

/** What a single backend makes of a request; with several each has its own. */
function callOf([backend, ...others]: readonly BackendConfig[]): Called | undefined {
  if (backend === undefined || others.length > 0) return undefined
  const { method, urlPattern, hosts } = backend
  return { method, urlPattern, host: hosts.length === 1 ? withoutUser(String(hosts[0])) : '' }
}

function* before(prepared: Script, execution: Execution, view: RequestView): Running<void> {
  execution.offer('request', view)
  yield* execution.run(prepared.sources())
  yield* execution.run(prepared.parts.pre)
}

function* after(
  prepared: Script,
  execution: Execution,
  view: ResponseView,
): Running<ProxyResponse> {
  execution.offer('response', view)
  try {
    yield* execution.run(prepared.parts.post)
    return yield* view.finished()
  } catch (thrown) {
    view.discard()
    throw thrown
  }
}

/** What `post` starts from where nobody is called. */
const EMPTY: ProxyResponse = Object.freeze({
  kind: 'data',
  data: Object.freeze({}),
  sources: [],
  isComplete: false,
  status: 0,
  headers: Object.freeze([]),
  errors: Object.freeze([]),
})
