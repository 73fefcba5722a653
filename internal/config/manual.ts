import { isObject } from '../pipe/is-object.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import { oldNames } from './aliases.ts'
import { type NamedSchema, namespaceSchemas, partSchemas } from './schemas.ts'

/** The parts in the order a reader meets them. */
const PARTS = ['root', 'endpoint', 'backend', 'async-agent', 'tls', 'client-tls', 'router', 'proxy']
const GROUPS: readonly (readonly [string, string])[] = [
  ['auth', 'Identity'],
  ['security', 'Security'],
  ['validation', 'Validation'],
  ['qos', 'Limits, breakers, caches'],
  ['backend', 'Kinds of backends'],
  ['discovery', 'Registries'],
  ['modifier', 'Changing requests and answers'],
  ['plugin', 'Plugins'],
  ['async', 'Drivers of asynchronous agents'],
  ['server', 'Serving files'],
  ['telemetry', 'Telemetry and logs'],
  ['documentation', 'Documentation'],
]
const PLACES: Readonly<Record<string, string>> = {
  service: 'the service',
  endpoint: 'endpoints',
  backend: 'backends',
  async_agent: 'asynchronous agents',
}

/** How a key whose value is described elsewhere links there. */
const LINKS: Readonly<Record<string, string>> = {
  '#': 'as this section',
  endpoint: '[endpoint](#endpoint)',
  backend: '[backend](#backend)',
  'async-agent': '[agent](#asynchronous-agent)',
  tls: '[TLS](#tls-on-the-listener)',
  'client-tls': '[TLS](#tls-towards-upstreams)',
  'service-extra-config': 'object of namespaces',
  'endpoint-extra-config': 'object of namespaces',
  'backend-extra-config': 'object of namespaces',
  'async-agent-extra-config': 'object of namespaces',
}

const INTRODUCTION = `<!-- Written from the schemas; \`WRITE_MANUAL=1 node --test internal/config/manual.test.ts\` writes it again. -->
# Configuration

One file describes the gateway: its endpoints, the backends each of them calls, and components that are switched on under \`extra_config\`. Files written for KrakenD 2 (\`"version": 3\`) work as they are.

- **Format**: by the extension, exactly written: \`.yml\` and \`.yaml\` are YAML, \`.toml\` is TOML, everything else is JSON.
- **Durations** are numbers with units: \`300ms\`, \`2s\`, \`1h30m\`. A bare number counts nanoseconds.
- **Types** are read as loosely as KrakenD reads them: \`"8080"\` for a number, \`"true"\` for a boolean, one value for a list of one, keys in any case. What cannot be converted stops the start. Inside \`extra_config\` types are exact.
- **Environment**: every variable that starts with \`KRAKEND_\` sets the root key of the same name in small letters, also one the file does not have: \`KRAKEND_PORT=9000\`. A dot goes one level down. Flags win over variables, variables over the file.
- **Errors** name file, line, column, path, what was found and what is allowed, all of them at once. Unknown keys are ignored with one warning each; \`check -l\` refuses them. Keys that start with \`@\`, \`$\`, \`_\` or \`#\` are comments.
- **Guards**: a namespace under \`auth/\`, \`security/\`, \`validation/\`, \`qos/\`, \`modifier/\` or \`plugin/\` that this gateway does not know stops the start, because requests would pass without it. \`--allow-unknown-security\` starts all the same.
- **Templates**: with \`FC_ENABLE\` set the file is a Go template (KrakenD's flexible configuration).

The whole schema, for editors, is what \`gateway schema\` prints.
`

/** `docs/configuration.md`: every key with its type, default, meaning and an example, from the schemas. */
export function manual(): string {
  const parts = partSchemas()
  const namespaces = namespaceSchemas()
  const groups = GROUPS.map(([prefix, title]) => {
    const members = namespaces.filter(({ name }) => name.startsWith(`${prefix}/`))
    return [`## ${title}`, ...members.map((member) => section(member, '###'))].join('\n\n')
  })
  const document = PARTS.flatMap((name) => parts.filter((part) => part.name === name)).map((part) =>
    section(part, '##'),
  )
  return `${[INTRODUCTION.trimEnd(), ...document, ...groups, oldNameTable()].join('\n\n')}\n`
}

function section({ schema }: NamedSchema, heading: '##' | '###'): string {
  const places = Array.isArray(schema['x-places'])
    ? schema['x-places'].map((place) => PLACES[String(place)])
    : []
  const rows = rowsOf(schema, '')
  return [
    `${heading} ${text(schema.title)}`,
    text(schema.description),
    ...(places.length === 0 ? [] : [`Stands on ${places.join(', ')}.`]),
    ...(rows.length === 0 ? exampleOf(schema) : [table(rows)]),
  ].join('\n\n')
}

type Row = readonly [key: string, type: string, fallback: string, meaning: string]

function table(rows: readonly Row[]): string {
  const lines = rows.map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  )
  return ['| key | type | default | what it does |', '|---|---|---|---|', ...lines].join('\n')
}

/** A row for each key, those inside objects and lists with their path. */
function rowsOf(schema: JsonObject, prefix: string): Row[] {
  const required = Array.isArray(schema.required) ? schema.required : []
  const own = isObject(schema.properties) ? Object.entries(schema.properties) : []
  const rows = own.flatMap(([key, value]): Row[] =>
    isObject(value)
      ? [row(prefix + key, value, required.includes(key)), ...rowsOf(value, `${prefix}${key}.`)]
      : [],
  )
  const items = isObject(schema.items) ? schema.items : undefined
  return items === undefined
    ? rows
    : [...rows, ...rowsOf(items, prefix === '' ? '[].' : prefix.replace(/\.$/, '[].'))]
}

function row(key: string, schema: JsonObject, isRequired: boolean): Row {
  const example = Array.isArray(schema.examples) ? schema.examples[0] : undefined
  const meaning = [
    text(schema.description),
    ...(schema.deprecated === true ? ['Deprecated.'] : []),
    ...(Array.isArray(schema.enum) ? [`One of ${schema.enum.map(code).join(', ')}.`] : []),
    ...(example === undefined ? [] : [`Example: ${code(example)}`]),
  ]
  const fallback = isRequired
    ? '**required**'
    : schema.default === undefined
      ? ''
      : code(schema.default)
  return [`\`${key}\``, typeOf(schema), fallback, meaning.join(' ')]
}

function typeOf(schema: JsonObject): string {
  if (typeof schema.$ref === 'string') return LINKS[schema.$ref] ?? 'object'
  if (schema.type === undefined) return 'any'
  const types = [schema.type].flat().map(String)
  const items = isObject(schema.items) ? ` of ${typeOf(schema.items)}` : ''
  return isDuration(schema, types)
    ? 'duration'
    : types.map((type) => (type === 'array' ? `list${items}` : type)).join(' or ')
}

function isDuration(schema: JsonObject, types: readonly string[]): boolean {
  const [example] = Array.isArray(schema.examples) ? schema.examples : []
  return (
    types.includes('string') &&
    typeof example === 'string' &&
    /^[\d.]+(ns|us|ms|s|m|h)$/.test(example)
  )
}

function exampleOf(schema: JsonObject): string[] {
  const [example] = Array.isArray(schema.examples) ? schema.examples : []
  return example === undefined ? [] : [`\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``]
}

function oldNameTable(): string {
  const rows = oldNames().map(([old, current]) => `| \`${current}\` | \`${old}\` |`)
  return [
    '## Old names',
    'Namespaces of older documents, accepted everywhere.',
    ['| today | old |', '|---|---|', ...rows].join('\n'),
  ].join('\n\n')
}

function code(value: JsonValue): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
