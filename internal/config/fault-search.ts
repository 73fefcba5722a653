import { type ConfigProblem, describeProblem } from '../errors.ts'
import { isObject } from '../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import { valueAt } from './json-path.ts'
import { readPath } from './locate-problems.ts'
import type { Path } from './problem.ts'
import { Repairs } from './repairs.ts'
import { schemaAt } from './schema-walk.ts'
import { documentSchema } from './schemas.ts'

/** The faults of a document, found one behind the other: each is repaired so that the next one shows. */
export class FaultSearch {
  readonly #document: JsonObject
  readonly #known: readonly Path[]
  readonly #repairs = new Repairs()
  readonly #found = new Map<string, ConfigProblem>()
  #schema: JsonObject | undefined

  /** `known`: places of faults that were told before. */
  constructor(document: JsonObject, known: readonly Path[]) {
    this.#document = document
    this.#known = known
    for (const path of known) this.#keepApart(path)
  }

  /** An endpoint whose path or method could not be read is at no place that another one has. */
  #keepApart([list, index, key]: Path): void {
    if (list !== 'endpoints' || index === undefined || (key !== 'endpoint' && key !== 'method'))
      return
    if (valueAt(this.#document, [list, index, key]) === undefined)
      this.#repairs.add([list, index, 'endpoint'], `/unknown-${index}`)
  }

  /** The document without the faults found so far. */
  get rest(): JsonObject {
    return this.#repairs.made(this.#document)
  }

  get found(): ConfigProblem[] {
    return [...this.#found.values()]
  }

  /** Keeps what is new of the faults of `rest`, and repairs them. Whether `rest` is another one now. */
  take(problems: readonly ConfigProblem[]): boolean {
    const placed = problems.map((problem) => this.#placed(problem))
    for (const { problem, path } of placed)
      if (path === undefined || !this.#isConsequence(path))
        this.#found.set(describeProblem(problem), problem)
    const paths = placed.flatMap(({ path }) => (path === undefined ? [] : [path]))
    // What holds another fault stays, or what else it holds would not be judged.
    const innermost = paths.filter(
      (path) => !paths.some((other) => other.length > path.length && isWithin(other, path)),
    )
    return innermost.map((path) => this.#repair(path)).includes(true)
  }

  /** Leaves out the known faults. Whether one of them was still there. */
  leaveOutKnown(): boolean {
    const there = this.#known.filter(
      (path) => valueAt(this.#document, path) !== undefined && this.#repairs.at(path) === undefined,
    )
    for (const path of there) this.#repairs.add(path)
    return there.length > 0
  }

  /** Where the problem stands in the document as it was written; no path when that cannot be told. */
  #placed(problem: ConfigProblem): { problem: ConfigProblem; path: Path | undefined } {
    const parsed = problem.place.path === undefined ? undefined : readPath(problem.place.path)
    const [root] = parsed ?? []
    if (parsed === undefined || typeof root !== 'string' || !Object.hasOwn(this.#document, root))
      return { problem, path: undefined }
    const path = this.#repairs.written(parsed)
    const text = withIndices(problem.place.path ?? '', path)
    return { problem: { ...problem, place: { ...problem.place, path: text } }, path }
  }

  /** Whether a fault may be there only because another one is, or was repaired. */
  #isConsequence(path: Path): boolean {
    if (this.#known.some((known) => this.#isOf(path, known))) return true
    if (this.#repairs.touches(path)) return true
    const holder = path.slice(0, -1)
    const isMissing = valueAt(this.#document, path) === undefined
    const holdsFaults =
      this.#repairs.touches(holder) || this.#known.some((known) => isWithin(known, holder))
    return isMissing && holdsFaults && !this.#isRequired(path)
  }

  /** What stands in an object or a list that is wrong as a whole may be wrong on its own account. */
  #isOf(path: Path, known: Path): boolean {
    if (!isWithin(path, known)) return false
    const value = valueAt(this.#document, known)
    return path.length === known.length || !(isObject(value) || Array.isArray(value))
  }

  /** Leaves the value out; puts an example in where it cannot be absent; gives up what holds it where that is no help. */
  #repair(path: Path): boolean {
    if (!this.#isRepairable(path)) return false
    const before = this.#repairs.at(path)
    if (before === undefined && valueAt(this.#document, path) !== undefined) {
      this.#repairs.add(path)
      return true
    }
    const example = before === 'replaced' ? undefined : this.#example(path)
    if (example === undefined) return this.#repair(path.slice(0, -1))
    this.#repairs.add(path, example)
    return true
  }

  /** Whole namespaces, and what stands in them; elsewhere only what holds nothing that could be judged by itself. */
  #isRepairable(path: Path): boolean {
    const namespace = path.indexOf('extra_config') + 1
    if (namespace > 0) return path.length > namespace
    const value = valueAt(this.#document, path)
    return path.length > 1 && !this.#isRequired(path) && ![value].flat().some(isObject)
  }

  #example(path: Path): JsonValue | undefined {
    const schema = this.#schemaAt(path)
    const { default: byDefault, examples, enum: values } = schema ?? {}
    return byDefault ?? firstOf(examples) ?? firstOf(values)
  }

  #isRequired(path: Path): boolean {
    const required = this.#schemaAt(path.slice(0, -1))?.required
    return Array.isArray(required) && required.includes(path.at(-1) ?? null)
  }

  #schemaAt(path: Path): JsonObject | undefined {
    this.#schema ??= documentSchema()
    return schemaAt(this.#schema, path)
  }
}

const firstOf = (values: JsonValue | undefined): JsonValue | undefined =>
  Array.isArray(values) ? values[0] : undefined

/** The text of a path with the indices of another. */
function withIndices(text: string, path: Path): string {
  const indices = path.filter((part) => typeof part === 'number').values()
  return text.replaceAll(QUOTED_OR_INDEX, (found) =>
    found.startsWith('[') ? `[${indices.next().value}]` : found,
  )
}
const QUOTED_OR_INDEX = /"(?:[^"\\]|\\.)*"|\[\d+\]/g

/** Whether `path` is `other`, or stands in it. */
const isWithin = (path: Path, other: Path): boolean =>
  path.length >= other.length && other.every((part, at) => part === path[at])
