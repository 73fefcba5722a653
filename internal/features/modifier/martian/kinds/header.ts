import { linearPattern } from '../../../../pipe/linear-pattern.ts'
import { fromWire, onWire } from '../../../../pipe/wire-text.ts'
import type { Answer, HeaderBag, OutgoingCall } from '../message.ts'
import { filtered, type Modifier } from '../modifier.ts'
import type { Settings } from '../settings.ts'

const DEFAULT_ID_HEADER = 'X-Krakend-Id'

/** The same on both sides. */
const onBoth = (change: (headers: HeaderBag) => void): Modifier => ({
  call: ({ headers }) => change(headers),
  answer: ({ headers }) => change(headers),
})

/** Sets a header. */
export function headerModifier(settings: Settings): Modifier {
  const name = settings.headerName('name')
  const value = headerValueFor(name, settings)
  return onBoth((headers) => headers.set(name, value))
}

/** Adds a value to a header. */
export function headerAppend(settings: Settings): Modifier {
  const name = settings.headerName('name')
  const value = headerValueFor(name, settings)
  return onBoth((headers) => headers.add(name, value))
}

function headerValueFor(name: string, settings: Settings): string {
  const value = settings.headerValue('value')
  if (name === 'Content-Length' && !/^\d+$/.test(value))
    throw settings.wrong('value', 'no length', 'a whole number')
  return value
}

/** Copies a header; one that is missing becomes an empty one, as in KrakenD. */
export function headerCopy(settings: Settings): Modifier {
  const from = settings.headerName('from')
  const to = settings.headerName('to')
  return onBoth((headers) => headers.set(to, headers.first(from)))
}

/** Removes headers. */
export function headerBlacklist(settings: Settings): Modifier {
  const names = settings.headerNames('names')
  return onBoth((headers) => {
    for (const name of names) headers.remove(name)
  })
}

/** Gives a request an id when it has none. */
export function headerId(settings: Settings): Modifier {
  const name = settings.text('header') === '' ? DEFAULT_ID_HEADER : settings.headerName('header')
  return {
    call({ headers }) {
      if (headers.first(name) === '') headers.set(name, crypto.randomUUID())
    },
  }
}

/** Acts when a header has exactly this value: without a value, an empty one. */
export function headerFilter(settings: Settings): Modifier {
  const name = settings.headerName('name')
  const value = onWire(settings.text('value'))
  const matches = ({ headers }: OutgoingCall | Answer): boolean => headers.all(name).includes(value)
  return filtered(
    { call: matches, answer: matches },
    settings.modifier('modifier'),
    settings.optionalModifier('else'),
  )
}

/** Acts when a header of the request matches, on both sides. */
export function headerRegexFilter(settings: Settings): Modifier {
  const name = settings.headerName('header')
  const pattern = linearPattern(settings.text('regex'), `${settings.path}.regex`)
  const matches = ({ headers }: OutgoingCall): boolean => {
    const value = headers.first(name)
    return value !== '' && pattern(fromWire(value))
  }
  return filtered(
    { call: matches, answer: ({ call }) => matches(call) },
    settings.modifier('modifier'),
    {},
  )
}
