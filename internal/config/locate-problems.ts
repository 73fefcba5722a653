import type { ConfigProblem } from '../errors.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import { byPlace } from './failure.ts'
import type { Locate, Path } from './problem.ts'

/** `endpoints`, `[0]`, `.extra_config`, `."validation/cel"`, `.qos/ratelimit/router`. */
const PART = /\[(\d+)\]|\.?"((?:[^"\\]|\\.)*)"|\.?([^.[\]"]+)/gy

/** Keys and indices of a path that a message shows; `undefined` for a text that is none. */
export function readPath(text: string): Path | undefined {
  const parts = [...text.matchAll(PART)]
  if (parts.map(([whole]) => whole).join('') !== text) return undefined
  return parts.map(([, index, quoted, plain]) =>
    index === undefined ? (quoted ?? plain ?? '') : Number(index),
  )
}

/** The places of problems, as far as they have one in the document. */
export const pathsOf = (problems: readonly ConfigProblem[]): Path[] =>
  problems
    .map(({ place }) => (place.path === undefined ? undefined : readPath(place.path)))
    .filter((path) => path !== undefined)

/**
 * Adds file, line and column to what was found by those who know only the path (features, agents, registries), and
 * puts all in the order of the file.
 */
export function locateProblems(
  problems: readonly ConfigProblem[],
  document: JsonObject,
  locate: Locate,
): ConfigProblem[] {
  const located = problems.map((problem) => {
    const { path, line } = problem.place
    const parts = path === undefined || line !== undefined ? undefined : readPath(path)
    const [root] = parts ?? []
    if (parts === undefined || typeof root !== 'string' || !Object.hasOwn(document, root))
      return problem
    return { ...problem, place: { ...locate(parts, false), path } }
  })
  return located.sort(byPlace)
}
