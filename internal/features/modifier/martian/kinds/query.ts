import { encodeQuery, parseQuery } from '../../../../pipe/query.ts'
import { filtered, type Modifier, ofCall } from '../modifier.ts'
import type { Settings } from '../settings.ts'

/** Sets one query parameter; the query is written anew, sorted by name. */
export function queryModifier(settings: Settings): Modifier {
  const name = settings.text('name')
  const value = settings.text('value')
  return {
    call(call) {
      const list = parseQuery(call.query)
      const others = list.filter((_, at) => list[at - (at % 2)] !== name)
      call.query = encodeQuery([...others, name, value])
    },
  }
}

/** Acts when a query parameter is there, or has this value. */
export function queryFilter(settings: Settings): Modifier {
  const name = settings.text('name')
  const value = settings.text('value')
  const condition = ofCall((call) => {
    const list = parseQuery(call.query)
    return list.some(
      (each, at) => at % 2 === 1 && list[at - 1] === name && (value === '' || each === value),
    )
  })
  return filtered(condition, settings.modifier('modifier'), settings.optionalModifier('else'))
}
