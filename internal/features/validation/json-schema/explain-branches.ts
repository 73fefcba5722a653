import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import { type Fault, fault, faults, type Look } from './fault.ts'
import { english } from './words.ts'

/** `not`, `allOf`, `anyOf`, `oneOf` and `if`. */
export function branchFaults(schema: JsonObject, value: JsonValue, look: Look): readonly Fault[] {
  const of = (keyword: string): (readonly Fault[])[] => {
    const list = schema[keyword]
    return Array.isArray(list) ? list.map((each) => faults(each, value, look)) : []
  }
  return [
    ...(schema['not'] !== undefined && faults(schema['not'], value, look).length === 0
      ? [fault(look, "'not' failed")]
      : []),
    ...allFaults(of('allOf'), look),
    ...anyFaults(of('anyOf'), look),
    ...oneFaults(of('oneOf'), look),
    ...ifFaults(schema, value, look),
  ]
}

function allFaults(branches: readonly (readonly Fault[])[], look: Look): Fault[] {
  const causes = branches.flat()
  return causes.length === 0 ? [] : [fault(look, "'allOf' failed", causes)]
}

function anyFaults(branches: readonly (readonly Fault[])[], look: Look): Fault[] {
  if (branches.length === 0 || branches.some((branch) => branch.length === 0)) return []
  return [fault(look, "'anyOf' failed", branches.flat())]
}

function oneFaults(branches: readonly (readonly Fault[])[], look: Look): Fault[] {
  const matched = branches.flatMap((branch, at) => (branch.length === 0 ? [at] : []))
  if (branches.length === 0 || matched.length === 1) return []
  if (matched.length === 0) return [fault(look, "'oneOf' failed, none matched", branches.flat())]
  const [one, other] = matched.slice(0, 2).map(english)
  return [fault(look, `'oneOf' failed, subschemas ${one}, ${other} matched`)]
}

function ifFaults(schema: JsonObject, value: JsonValue, look: Look): readonly Fault[] {
  if (schema['if'] === undefined) return []
  const holds = faults(schema['if'], value, look).length === 0
  const branch = schema[holds ? 'then' : 'else']
  if (branch === undefined) return []
  return faults(branch, value, look)
}
