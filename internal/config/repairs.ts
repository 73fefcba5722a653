import { isObject } from '../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import type { Path } from './problem.ts'

/** One step of the tree of repairs: what takes the place of the value here (`undefined`: nothing does). */
type Step = {
  readonly inner: Map<string | number, Step>
  repair?: { readonly value: JsonValue | undefined }
}

const step = (): Step => ({ inner: new Map() })

/** Values of a document that are left out, or have others put in their place, so that the rest can be judged. */
export class Repairs {
  readonly #root = step()

  /** Without a value, what stands at `path` is left out. */
  add(path: Path, value?: JsonValue): void {
    let here = this.#root
    for (const part of path) {
      const next = here.inner.get(part) ?? step()
      here.inner.set(part, next)
      here = next
    }
    here.repair = { value }
  }

  /** How this very place was repaired. */
  at(path: Path): 'left out' | 'replaced' | undefined {
    const repair = this.#stepsTo(path)[path.length]?.repair
    if (repair === undefined) return undefined
    return repair.value === undefined ? 'left out' : 'replaced'
  }

  /** Whether a repair was made at `path`, around it or within it. */
  touches(path: Path): boolean {
    const steps = this.#stepsTo(path)
    return (
      steps.some(({ repair }) => repair !== undefined) || (steps[path.length]?.inner.size ?? 0) > 0
    )
  }

  /** The document with all repairs made: items of a list behind one that is left out move up. */
  made(document: JsonObject): JsonObject {
    return object(document, this.#root)
  }

  /** Where that which stands at `path` of the repaired document was written. */
  written(path: Path): Path {
    const written: (string | number)[] = []
    for (const part of path) {
      const inner = this.#stepsTo(written)[written.length]?.inner
      written.push(typeof part === 'number' ? indexBefore(part, inner) : part)
    }
    return written
  }

  /** The steps along `path`, from the root on, as far as there are any. */
  #stepsTo(path: Path): Step[] {
    const steps = [this.#root]
    for (const part of path) {
      const next = steps.at(-1)?.inner.get(part)
      if (next === undefined) break
      steps.push(next)
    }
    return steps
  }
}

const isLeftOut = (inner: Step | undefined): boolean =>
  inner?.repair !== undefined && inner.repair.value === undefined

/** The index that an item had before others were left out. */
function indexBefore(index: number, inner: Step['inner'] | undefined): number {
  let before = index
  const out = [...(inner ?? [])].filter(([, each]) => isLeftOut(each)).map(([at]) => Number(at))
  for (const at of out.sort((one, other) => one - other)) if (at <= before) before++
  return before
}

function value(written: JsonValue | undefined, here: Step): JsonValue | undefined {
  if (here.repair !== undefined) return here.repair.value
  if (Array.isArray(written)) return list(written, here)
  return isObject(written) ? object(written, here) : written
}

const list = (items: readonly JsonValue[], { inner }: Step): JsonValue[] =>
  items.flatMap((item, at) => {
    const own = inner.get(at)
    const repaired = own === undefined ? item : value(item, own)
    return repaired === undefined ? [] : [repaired]
  })

function object(written: JsonObject, { inner }: Step): JsonObject {
  const members = new Map<string, JsonValue>(Object.entries(written))
  for (const [key, own] of inner) {
    const repaired = value(members.get(String(key)), own)
    if (repaired === undefined) members.delete(String(key))
    else members.set(String(key), repaired)
  }
  return Object.fromEntries(members)
}
