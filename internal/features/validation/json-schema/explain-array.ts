import type { JsonObject, JsonValue } from '../../../pipe/pipe.ts'
import { duplicates } from './exact.ts'
import { bound } from './explain-value.ts'
import { type Fault, fault, faults, inside, type Look } from './fault.ts'
import { english } from './words.ts'

export function arrayFaults(
  schema: JsonObject,
  value: readonly JsonValue[],
  look: Look,
): readonly Fault[] {
  return [
    ...lengthFaults(schema, value, look),
    ...itemFaults(schema, value, look),
    ...containsFaults(schema, value, look),
  ]
}

function lengthFaults(schema: JsonObject, value: readonly JsonValue[], look: Look): Fault[] {
  const { minItems, maxItems, uniqueItems } = schema
  const { length } = value
  const equal = uniqueItems === true ? duplicates(value) : undefined
  const texts = [
    typeof minItems === 'number' && length < minItems && bound('minItems', length, minItems),
    typeof maxItems === 'number' && length > maxItems && bound('maxItems', length, maxItems),
    equal !== undefined && `items at ${equal.map(english).join(' and ')} are equal`,
  ]
  return texts.filter((text) => text !== false).map((text) => fault(look, text))
}

/** Items in front have schemas of their own; the others share one. */
function itemFaults(schema: JsonObject, value: readonly JsonValue[], look: Look): readonly Fault[] {
  const isTuple = Array.isArray(schema['items'])
  const front = isTuple ? schema['items'] : look.draft >= 2020 ? schema['prefixItems'] : undefined
  const first = Array.isArray(front) ? front : []
  const rest = isTuple ? schema['additionalItems'] : schema['items']
  const inFront = first
    .slice(0, value.length)
    .flatMap((each, at) => faults(each, value[at] ?? null, inside(look, at)))
  const behind = value.slice(first.length)
  if (isTuple && rest === false)
    return behind.length === 0
      ? inFront
      : [...inFront, fault(look, `last ${english(behind.length)} additionalItem(s) not allowed`)]
  // KrakenD numbers them from their own first one.
  return [...inFront, ...behind.flatMap((item, at) => faults(rest ?? true, item, inside(look, at)))]
}

function containsFaults(schema: JsonObject, value: readonly JsonValue[], look: Look): Fault[] {
  const { contains } = schema
  if (contains === undefined) return []
  // Older drafts know neither.
  const { minContains, maxContains } = look.draft >= 2019 ? schema : {}
  const found = value.map((item, at) => faults(contains, item, inside(look, at)))
  const matched = found.flatMap((each, at) => (each.length === 0 ? [at] : []))
  const count = matched.length
  const which = `matched ${english(count)} items at ${matched.join(' ')}`
  const wrong: Fault[] = []
  if (typeof minContains !== 'number') {
    if (count === 0) wrong.push(fault(look, 'no items match contains schema', found.flat()))
  } else if (count < minContains) {
    const but = count === 0 ? 'none matched' : which
    const text = `min ${english(minContains)} items required to match contains schema, but ${but}`
    wrong.push(fault(look, text, found.flat()))
  }
  if (typeof maxContains === 'number' && count > maxContains)
    wrong.push(
      fault(
        look,
        `max ${english(maxContains)} items required to match contains schema, but ${which}`,
      ),
    )
  return wrong
}
