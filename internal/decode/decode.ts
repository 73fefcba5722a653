import type { BackendConfig } from '../config/types.ts'
import { onceEach } from '../pipe/once-each.ts'
import type { JsonObject, JsonSource } from '../pipe/pipe.ts'
import { decodeCollection, decodeObject } from './json.ts'
import { rss } from './rss.ts'
import { safeJson } from './safe-json.ts'
import { string } from './string.ts'
import { xml } from './xml.ts'

/** What an upstream's bytes hold: `data` of a `DataResponse`, and its exact JSON text where there is one. */
export type Decoded = { readonly data: JsonObject | null; readonly sources: readonly JsonSource[] }
/** Reads an upstream's whole body, unpacked already. Throws a `GatewayError('decode')` with KrakenD's text. */
export type Decode = (bytes: Buffer, contentType: string | undefined) => Decoded

export type DecodeOptions = {
  /**
   * Keep the spelling of numbers (`1.0`, `1e3`): where they become text (sequential parameters, XML, YAML,
   * CEL). Otherwise only numbers whose value a double would change are kept as `JSON.rawJSON`.
   */
  readonly exactSpelling: boolean
  /**
   * Nobody looks at numbers in `data` while there is a source: the answer goes out as its bytes. Saves the
   * scan for long numbers.
   */
  readonly bytesSuffice?: boolean | undefined
}

type Decoder = (isCollection: boolean, options: DecodeOptions) => Decode

/** Backend encodings by name. */
export const decoders = {
  json: (isCollection, options) =>
    isCollection ? decodeCollection(options) : decodeObject(options),
  safejson: (_isCollection, options) => safeJson(options),
  xml,
  rss,
  string: () => string,
  'no-op': () => nothing,
} as const satisfies Record<string, Decoder>

/** `No-Op` in any case but the usual one: as in KrakenD the answer has no data. */
function nothing(): Decoded {
  return { data: null, sources: [] }
}

const isDecoder = (name: string): name is keyof typeof decoders => Object.hasOwn(decoders, name)

/** How answers of `backend` are read. Names it does not know are JSON, as in KrakenD. */
export function decoderFor(
  backend: Pick<BackendConfig, 'encoding' | 'isCollection'>,
  options: DecodeOptions,
): Decode {
  const name = backend.encoding.toLowerCase()
  const { isCollection } = backend
  return decodeWith({ name: isDecoder(name) ? name : 'json', isCollection, options })
}

const decodeWith = onceEach(
  ({
    name,
    isCollection,
    options,
  }: {
    readonly name: keyof typeof decoders
    readonly isCollection: boolean
    readonly options: DecodeOptions
  }) => decoders[name](isCollection, options),
)
