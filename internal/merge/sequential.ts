import { toParam } from '../encode/to-param.ts'
import { type GatewayError, toGatewayError } from '../errors.ts'
import { bodyOf, collect } from '../pipe/collect.ts'
import type { Deadline } from '../pipe/deadline.ts'
import { capitalised } from '../pipe/params.ts'
import type { JsonValue, Params, Pipe, ProxyRequest, ProxyResponse } from '../pipe/pipe.ts'
import { combine, partial } from './combine.ts'
import { MERGE_SHARE } from './parallel.ts'

/** One value that a later call needs: `resp0_user.name` → part 0, path `user.name`; an empty path is the whole text. */
type Wanted = { readonly param: string; readonly part: number; readonly path: readonly string[] }

const NAME = /^resp(\d+)(?:_(.+))?$/i

/**
 * `proxy.sequential`: one branch after the other, values of earlier answers as parameters of later calls.
 * `names` are the parameters that url patterns and `sequential_propagated_params` use (`resp0_id`, `resp1`).
 * A failure of the first branch is the endpoint's; a later one, or an incomplete answer, ends the row with what
 * there is.
 */
export function sequential(
  branches: readonly Pipe[],
  names: readonly string[],
  maxBytes: number,
): Pipe {
  const wanted = names.flatMap((name): Wanted[] => {
    const [, part, path] = NAME.exec(name) ?? []
    return part === undefined
      ? []
      : [{ param: capitalised(name), part: Number(part), path: path?.split('.') ?? [] }]
  })
  return async function mergeSequential(request, deadline) {
    const inner = deadline.sooner(MERGE_SHARE)
    try {
      return await runInTurn(branches, wanted, maxBytes, request, inner)
    } finally {
      inner.finish()
    }
  }
}

async function runInTurn(
  branches: readonly Pipe[],
  wanted: readonly Wanted[],
  maxBytes: number,
  first: ProxyRequest,
  deadline: Deadline,
): Promise<ProxyResponse> {
  let request = first
  let merged: ProxyResponse | undefined
  for (const [at, branch] of branches.entries()) {
    let part: ProxyResponse
    try {
      part = await branch(request, deadline)
    } catch (thrown) {
      const error: GatewayError = toGatewayError(thrown)
      if (merged === undefined) throw error
      return partial(merged, [error])
    }
    const values = wanted.filter((want) => want.part === at)
    if (values.length > 0) {
      const { params, response } = await propagated(part, values, maxBytes)
      part = response
      request = { ...request, params: { ...request.params, ...params } }
    }
    merged = combine(merged, part)
    if (!part.isComplete) return at === branches.length - 1 ? merged : partial(merged, [])
  }
  return merged as ProxyResponse
}

async function propagated(
  response: ProxyResponse,
  values: readonly Wanted[],
  maxBytes: number,
): Promise<{ params: Params; response: ProxyResponse }> {
  if (response.kind === 'stream') {
    if (!values.some((want) => want.path.length === 0)) return { params: {}, response }
    const bytes = await collect(response.body, maxBytes)
    const text = bytes.toString('utf8')
    const params = Object.fromEntries(
      values.filter((want) => want.path.length === 0).map((want) => [want.param, text]),
    )
    return { params, response: { ...response, body: bodyOf(bytes) } }
  }
  const found = values.flatMap((want): [string, string][] => {
    const value = want.path.length === 0 ? undefined : valueAt(response.data, want.path)
    return value === undefined || value === null ? [] : [[want.param, toParam(value)]]
  })
  return { params: Object.fromEntries(found), response }
}

/** The value at a dotted path through objects; lists are never entered. */
function valueAt(data: JsonValue, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = data
  for (const name of path) {
    if (
      typeof value !== 'object' ||
      value === null ||
      Array.isArray(value) ||
      !Object.hasOwn(value, name)
    )
      return undefined
    value = value[name]
  }
  return value
}
