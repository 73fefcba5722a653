import { headerValue } from '../pipe/headers.ts'
import type { DataResponse, HeaderList } from '../pipe/pipe.ts'
import type { Encoded } from './encode.ts'
import { json } from './json.ts'
import { xml } from './xml.ts'
import { yaml } from './yaml.ts'

/** What is on offer, in order; `text/plain` reads as YAML. */
const OFFERS = [
  { type: 'application/json', encode: json },
  { type: 'text/plain', encode: yaml },
  { type: 'application/xml', encode: xml },
  { type: 'application/x-yaml', encode: yaml },
] as const

/** JSON, XML or YAML by the client's Accept: the first entry that is on offer, whatever its `q` (as gin does). */
export function negotiate(
  response: DataResponse | undefined,
  request: { readonly headers: HeaderList },
): Encoded {
  for (const entry of (headerValue(request.headers, 'accept') ?? '').split(',')) {
    const accepted = (entry.split(';', 1)[0] ?? '').trim()
    const offer = accepted === '' ? undefined : OFFERS.find(({ type }) => fits(accepted, type))
    if (offer !== undefined) return offer.encode(response)
  }
  return json(response)
}

/** `application/*`, and any beginning of a type's name. */
function fits(accepted: string, type: string): boolean {
  const star = accepted.indexOf('*')
  return star >= 0 && star < type.length
    ? type.startsWith(accepted.slice(0, star))
    : type.startsWith(accepted)
}
