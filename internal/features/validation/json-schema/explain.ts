import type { JsonValue } from '../../../pipe/pipe.ts'
import { isKeywords } from './dialect.ts'
import { arrayFaults } from './explain-array.ts'
import { branchFaults } from './explain-branches.ts'
import { objectFaults } from './explain-object.ts'
import { firstFault, numberFaults, textFaults } from './explain-value.ts'
import { type Fault, fault, GROUP, type Look, ungrouped } from './fault.ts'
import { baseOf } from './references.ts'
import { quoted } from './words.ts'

/** Deeper values are refused without words: nobody reads them. */
const MAX_DEPTH = 200
const MAX_FAULTS = 1000

/** Why a body does not follow a schema, in the words of santhosh-tekuri/jsonschema; `''` when no words were found. */
export function explain(
  value: JsonValue,
  around: Pick<Look, 'draft' | 'references' | 'pattern'>,
): string {
  const { root } = around.references
  const left = { count: MAX_FAULTS }
  const look = { ...around, path: [], base: root.base, depth: 0, left, all: allFaults }
  return print(ungrouped(allFaults(root.schema, value, look)), 0).slice(1)
}

/** Everything that is wrong with `value`, in the order in which the keywords are looked at. */
function allFaults(schema: JsonValue, value: JsonValue, look: Look): readonly Fault[] {
  if (schema === false) return [fault(look, 'false schema')]
  if (!isKeywords(schema) || look.depth > MAX_DEPTH || look.left.count <= 0) return []
  const here = { ...look, base: baseOf(schema, look.base), depth: look.depth + 1 }
  const first = firstFault(schema, value, here)
  if (first !== undefined) return [first]
  const referred = typeof schema['$ref'] === 'string' ? refFaults(schema['$ref'], value, here) : []
  if (look.draft < 2019 && schema['$ref'] !== undefined) return referred
  return [
    ...referred,
    ...ownFaults(schema, value, here),
    ...dynamicFaults(schema, value, here),
    ...branchFaults(schema, value, here),
  ]
}

type Keywords = Parameters<typeof firstFault>[0]

function ownFaults(schema: Keywords, value: JsonValue, look: Look): readonly Fault[] {
  if (typeof value === 'string') return textFaults(schema, value, look)
  if (typeof value === 'number') return numberFaults(schema, value, look)
  if (Array.isArray(value)) return arrayFaults(schema, value, look)
  return isKeywords(value) ? objectFaults(schema, value, look) : []
}

function dynamicFaults(schema: Keywords, value: JsonValue, look: Look): readonly Fault[] {
  const { $recursiveRef: recursive, $dynamicRef: dynamic } = schema
  return [recursive, dynamic].flatMap((reference) =>
    typeof reference === 'string' ? refFaults(reference, value, look) : [],
  )
}

/** What is wrong behind a reference: one fault stands for itself, several are held together. */
function refFaults(reference: string, value: JsonValue, look: Look): readonly Fault[] {
  const target = look.references.resolve(reference, look.base)
  if (target === undefined) return []
  const found = ungrouped(allFaults(target.schema, value, { ...look, base: target.base }))
  return found.length > 1 ? [fault(look, GROUP, found)] : found
}

function print(found: readonly Fault[], depth: number): string {
  const indent = '  '.repeat(depth)
  return found
    .map(({ path, text, causes }) => {
      const pointer = path
        .map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`)
        .join('')
      return `\n${indent}- at ${quoted(pointer)}: ${text}${print(causes, depth + 1)}`
    })
    .join('')
}
