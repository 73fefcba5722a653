import type { Decorator, Pipe } from '../pipe/pipe.ts'

/** A backend's own `input_query_strings`: only these names go on. Nothing listed, nothing added. */
export function selectQuery(names: readonly string[]): Decorator<Pipe> | undefined {
  if (names.length === 0) return undefined
  const wanted = new Set(names)
  return (next) =>
    function selectQueryStrings(request, deadline) {
      const query = request.query.filter((_, at) =>
        wanted.has(request.query[at - (at % 2)] as string),
      )
      return next({ ...request, query }, deadline)
    }
}
