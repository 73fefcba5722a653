import type { JsonObject } from '../../pipe/pipe.ts'
import { goValue } from './go-values.ts'
import type { Paint } from './paint.ts'

/** The namespaces of an `extra_config` by name; from the second level on with what they hold. */
export function componentLines(components: JsonObject, indent: string, paint: Paint): string[] {
  return Object.keys(components)
    .toSorted()
    .flatMap((name) => [
      indent + paint.colour('yellow', `- ${name}`),
      ...(paint.level > 1 ? valueLines(components[name], `\t${indent}`) : []),
    ])
}

function valueLines(value: JsonObject[string] | undefined, indent: string): string[] {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isMap) return [`${indent}: ${goValue(value)}`]
  return Object.keys(value).map((key) => `${indent}${key}: ${goValue(value[key])}`)
}
