import type { DataResponse, HeaderList } from '../pipe/pipe.ts'
import { json } from './json.ts'
import { jsonCollection } from './json-collection.ts'
import { negotiate } from './negotiate.ts'
import { string } from './string.ts'
import { xml } from './xml.ts'
import { yaml } from './yaml.ts'

/** What a client gets: text is sent as UTF-8, several buffers one after the other. */
export type Encoded = {
  readonly contentType: string
  readonly body: string | Buffer | readonly Buffer[]
}
/** Writes an answer; `undefined` is no answer at all (all parts failed). */
export type Encode = (
  response: DataResponse | undefined,
  request: { readonly headers: HeaderList },
) => Encoded

/** Output encodings by name; `no-op` passes streams and has no encoder. */
export const encoders = {
  json,
  'json-collection': jsonCollection,
  string,
  xml,
  yaml,
  negotiate,
} as const satisfies Record<string, Encode>

const isEncoder = (name: string): name is keyof typeof encoders => Object.hasOwn(encoders, name)

/** The encoder called `name`; JSON for names it does not know. */
export const encoderFor = (name: string): Encode => encoders[isEncoder(name) ? name : 'json']
