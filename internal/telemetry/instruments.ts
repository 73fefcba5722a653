import type { Family, Labels } from './metrics.ts'
import type { AttributeValue } from './request-note.ts'

/** A measuring instrument of KrakenD's, as OpenTelemetry describes one. */
export type Instrument = {
  readonly name: string
  readonly kind: 'counter' | 'histogram'
  readonly unit: '' | 's' | 'By' | 'b'
  readonly help: string
  readonly buckets: 'time' | 'size' | undefined
  /** `undefined`: with every convention. */
  readonly convention: '' | '1.27' | undefined
}

/** Seconds. */
export const TIME_BUCKETS = [
  0.01, 0.02, 0.05, 0.075, 0.1, 0.125, 0.15, 0.175, 0.2, 0.25, 0.3, 0.35, 0.5, 0.75, 1, 1.5, 2, 3.5,
  5, 10,
]
/** Bytes. */
export const SIZE_BUCKETS = [
  128, 256, 512, 1024, 4096, 8192, 16384, 32768, 65536, 262144, 524288, 1048576, 4194304, 16777216,
  67108864,
]

const old = (name: string, buckets?: 'time' | 'size', unit: Instrument['unit'] = '') =>
  row(name, buckets, unit, '', '')
const new127 = (
  name: string,
  buckets: 'time' | 'size' | undefined,
  unit: Instrument['unit'],
  help: string,
) => row(name, buckets, unit, help, '1.27')
const always = (name: string, buckets?: 'time' | 'size', unit: Instrument['unit'] = '') =>
  row(name, buckets, unit, '', undefined)
function row(
  name: string,
  buckets: 'time' | 'size' | undefined,
  unit: Instrument['unit'],
  help: string,
  convention: Instrument['convention'],
): Instrument {
  const kind = buckets === undefined ? 'counter' : 'histogram'
  return { name, kind, unit, help, buckets, convention }
}

/**
 * Everything that KrakenD measures, under its names: with the old ones, and with those of
 * `"semantic_convention": "1.27"`.
 */
export const INSTRUMENTS: readonly Instrument[] = [
  old('http.server.duration', 'time'),
  old('http.server.response.size', 'size'),
  always('krakend.proxy.duration', 'time'),
  always('krakend.backend.duration', 'time'),
  always('http.client.request.started.count'),
  always('http.client.request.failed.count'),
  always('http.client.request.canceled.count'),
  always('http.client.request.timedout.count'),
  old('http.client.request.size'),
  old('http.client.duration', 'time'),
  old('http.client.response.size', 'size'),
  old('http.client.response.no-content-length'),
  old('http.client.request.get-conn.duration', 'time'),
  old('http.client.request.dns.duration', 'time'),
  old('http.client.request.tls.duration', 'time'),
  always('http.client.response.read.size', undefined, 'b'),
  always('http.client.response.read.size-hist', 'size', 'b'),
  always('http.client.response.read.time', undefined, 's'),
  always('http.client.response.read.time-hist', 'time', 's'),
  always('http.client.response.read.errors'),
  new127('http.server.request.duration', 'time', 's', 'Duration of HTTP server requests.'),
  new127('http.server.response.body.size', 'size', 'By', 'Size of HTTP server response bodies.'),
  new127('http.client.request.duration', 'time', 's', 'Duration of HTTP client requests.'),
  new127('http.client.request.body.size', 'size', 'By', 'Size of HTTP client request bodies.'),
  new127('http.client.response.body.size', 'size', 'By', 'Size of HTTP client response bodies.'),
  new127(
    'http.client.response.no-content-length',
    undefined,
    'By',
    "Client received responses that do not have 'Content-Length' value set",
  ),
  new127(
    'http.client.request.get-conn.duration',
    'time',
    's',
    'Time spent acquiring a client connection',
  ),
  new127('http.client.request.dns.duration', 'time', 's', 'Time spent resolving the DNS name'),
  new127(
    'http.client.request.tls.duration',
    'time',
    's',
    'Time spent on TLS negotiation and connection',
  ),
]

const UNIT_SUFFIXES = { '': '', s: '_seconds', By: '_bytes', b: '' } as const

/** The name that OpenTelemetry's Prometheus exporter gives an instrument. */
export function prometheusName({ name, unit, kind }: Instrument): string {
  return `${name.replace(/[^a-z0-9]/g, '_')}${UNIT_SUFFIXES[unit]}${kind === 'counter' ? '_total' : ''}`
}

/** By its family's name. */
export const instrumentByFamily: ReadonlyMap<string, Instrument> = new Map(
  INSTRUMENTS.map((instrument) => [prometheusName(instrument), instrument]),
)

/** The label of families whose series have attributes of their own: all of them, as JSON. */
const ATTRIBUTES = 'attributes'

/** The instruments' families, by name: their series carry any attributes. */
export const INSTRUMENT_FAMILIES: readonly Family[] = [...instrumentByFamily]
  .map(
    ([name, instrument]): Family => ({
      name,
      kind: instrument.kind,
      help: instrument.help,
      labels: [ATTRIBUTES],
      view: 'opentelemetry',
      ...(instrument.buckets !== undefined && {
        buckets: instrument.buckets === 'time' ? TIME_BUCKETS : SIZE_BUCKETS,
      }),
    }),
  )
  .toSorted((one, other) => (one.name < other.name ? -1 : 1))

/** One name and value each; the last one counts where a name occurs twice. */
export type SeriesAttributes = Readonly<Record<string, AttributeValue>>

/** The labels of the series with these attributes. */
export function attributeLabels(attributes: SeriesAttributes): Labels {
  const sorted = Object.entries(attributes).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return { [ATTRIBUTES]: JSON.stringify(sorted) }
}

/** What `attributeLabels` was given, sorted by name. */
export function attributesOf(values: readonly string[]): [string, string | number | boolean][] {
  return JSON.parse(values[0] ?? '[]')
}
