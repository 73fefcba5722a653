import { canonicalHeader } from '../../pipe/headers.ts'
import type { HeaderList, QueryList } from '../../pipe/pipe.ts'
import { valuesByName } from '../../pipe/values-by-name.ts'
import { failure } from './failure.ts'
import type { Values } from './plugin.ts'

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/

/** A header list by canonical name. */
export function headerValuesOf(list: HeaderList): Values {
  return valuesByName(list, canonicalHeader)
}

/** A query list by name. */
export function queryValuesOf(list: QueryList): Values {
  return valuesByName(list, (name) => name)
}

/** The header list of what a plugin returned. What no message could carry fails the request: no header is injected. */
export function headerListOf(values: Values): string[] {
  const list = listOf(values, 'headers')
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at] as string
    if (!TOKEN.test(name)) throw failure(`returned the header name ${JSON.stringify(name)}`)
    if (CONTROL.test(list[at + 1] as string))
      throw failure(`returned a control character in the header ${name}`)
    list[at] = canonicalHeader(name)
  }
  return list
}

/** The query list of what a plugin returned. */
export const queryListOf = (values: Values): string[] => listOf(values, 'query')

function listOf(values: Values, what: string): string[] {
  if (typeof values !== 'object' || values === null) throw failure(`returned no ${what}`)
  return Object.entries(values).flatMap(([name, each]: [string, unknown]) => {
    if (each === undefined) return []
    const texts = Array.isArray(each) ? each : [each]
    if (!texts.every((text) => typeof text === 'string'))
      throw failure(`returned ${what} whose ${JSON.stringify(name)} is no list of texts`)
    return texts.flatMap((text) => [name, text])
  })
}
