import convict from 'convict'
import { nearestName } from '../config/nearest.ts'
import type { SettingKind } from './setting-kinds.ts'
import {
  addressOrOff,
  bytes,
  duration,
  list,
  nameServers,
  oneOf,
  text,
  wholeNumberOrAuto,
  yesOrNo,
} from './setting-kinds.ts'

/** One thing about the process that the configuration does not say. */
type Setting<T> = {
  readonly kind: SettingKind<T>
  /** As it would be written. */
  readonly default: string
  readonly description: string
  /** Secrets have no flag (others on the machine see those) and appear in no message. */
  readonly isSecret?: boolean
  /** A secret that has its flag all the same: another product's, which scripts use. */
  readonly hasFlag?: boolean
  /** Another product's variable of the same meaning, read when ours is not set. */
  readonly alias?: string
}

const setting = <T>(row: Setting<T>): Setting<T> => row

/**
 * Every setting. `adminAddress` is the flag `--admin-address` and the variable `GATEWAY_ADMIN_ADDRESS`; a flag wins
 * over its variable. A further setting is one row.
 */
const TABLE = {
  config: setting({
    kind: text,
    default: '',
    description: 'Path to the configuration file',
  }),
  adminAddress: setting({
    kind: addressOrOff,
    default: '127.0.0.1:8091',
    description: 'Where /metrics, /health and /discovery are served, or off',
  }),
  adminHosts: setting({
    kind: list,
    default: '',
    description: 'Names the admin listener answers to besides IP addresses and localhost',
  }),
  adminToken: setting({
    kind: text,
    default: '',
    description: 'Bearer token of the admin listener',
    isSecret: true,
  }),
  adminTokenFile: setting({
    kind: text,
    default: '',
    description: 'File that holds the bearer token of the admin listener',
  }),
  workers: setting({
    kind: wholeNumberOrAuto(1, 64),
    default: 'auto',
    description: 'Request threads: a number, or auto (by processors and memory)',
  }),
  dnsServers: setting({
    kind: nameServers,
    default: '',
    description: "Name servers for discovery, instead of the system's: 127.0.0.1:8600,10.0.0.2",
  }),
  etcdurl: setting({
    kind: list,
    default: '',
    description: 'Members of etcd for etcd(key,default_URL) hosts: http://127.0.0.1:2379',
    alias: 'etcdurl',
  }),
  etcdtimer: setting({
    kind: duration,
    default: '10s',
    description: 'How often etcd is read (a bare number is milliseconds)',
    alias: 'etcdtimer',
  }),
  etcdusername: setting({
    kind: text,
    default: '',
    description: 'User of etcd',
    alias: 'etcdusername',
  }),
  etcdpassword: setting({
    kind: text,
    default: '',
    description: 'Password of etcd; others on the machine see flags, so prefer the variable',
    isSecret: true,
    hasFlag: true,
    alias: 'etcdpassword',
  }),
  etcdcafile: setting({
    kind: text,
    default: '',
    description: 'Certificate authority of an etcd with https, as a PEM file',
  }),
  logLevel: setting({
    kind: oneOf(['', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL', 'FATAL']),
    default: '',
    description: 'Least severe level logged; empty leaves it to the configuration',
  }),
  logFormat: setting({
    kind: oneOf(['', 'text', 'json']),
    default: '',
    description: 'text or json; empty leaves it to the configuration',
  }),
  maxDecodeBytes: setting({
    kind: bytes,
    default: '64mb',
    description: 'Largest upstream answer that is decoded, counted after decompression',
  }),
  maxRequestBytes: setting({
    kind: bytes,
    default: '64mb',
    description: 'Largest request body that is held in memory',
  }),
  maxRequestBytesTotal: setting({
    kind: bytes,
    default: '512mb',
    description: 'All request bodies held in memory together',
  }),
  allowUnknownSecurity: setting({
    kind: yesOrNo,
    default: 'false',
    description: 'Starts although a guard in the configuration is not implemented',
  }),
  snapshotFile: setting({
    kind: text,
    default: '',
    description: 'File that keeps the last known hosts for the next start',
  }),
  snapshotMaxAge: setting({
    kind: duration,
    default: '24h',
    description: 'Oldest snapshot file that a start still uses',
  }),
} as const satisfies Record<string, Setting<unknown>>

type Table = typeof TABLE
type Name = keyof Table
type ValueOf<Row> = Row extends Setting<infer T> ? T : never

/** The process's settings, read and checked. Sizes are bytes, times milliseconds; frozen. */
export type Settings = { readonly [Key in Name]: ValueOf<Table[Key]> } & {
  /** What a flag or variable set, so that a default may give way where a wish may not. */
  readonly given: readonly Name[]
}

/** What a command line gave, by flag without its dashes. */
export type GivenFlags = { has(name: string): boolean; text(name: string): string }

/** A setting as a flag of a command. */
export type SettingFlag = {
  readonly name: string
  readonly kind: 'string' | 'bool'
  readonly description: string
  readonly shownDefault?: string
}

/** Settings that cannot be used: every one of them, with its flag or variable and what is allowed. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

const NAMES = Object.keys(TABLE) as readonly Name[]
const rows: Readonly<Record<Name, Setting<unknown>>> = TABLE

const flagOf = (name: Name): string => name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)
const variableOf = (name: Name): string =>
  `GATEWAY_${flagOf(name).replaceAll('-', '_').toUpperCase()}`

/** The flags of the settings, for the commands that start something. `--config` belongs to the commands. */
export const settingFlags: readonly SettingFlag[] = NAMES.filter(
  (name) => name !== 'config' && (rows[name].isSecret !== true || rows[name].hasFlag === true),
).map((name) => ({
  name: flagOf(name),
  kind: rows[name].kind === yesOrNo ? 'bool' : 'string',
  description: rows[name].description,
  ...(rows[name].default === '' ? {} : { shownDefault: rows[name].default }),
}))

/**
 * Reads the settings: flag, else variable, else default. An empty variable counts as unset, as compose files and
 * charts write it; an empty flag does not.
 *
 * @throws {SettingsError} naming each setting that cannot be used
 */
export function readSettings(options: {
  readonly flags: GivenFlags
  readonly env: NodeJS.ProcessEnv
  /** The configuration's path when the command has found it already. */
  readonly config?: string
}): Settings {
  const written = new Map<Name, string>()
  const origins = new Map<Name, string>()
  for (const name of NAMES) {
    const source = sourceOf(name, options)
    if (source === undefined) continue
    written.set(name, source.text)
    origins.set(name, source.origin)
  }
  const values = validated(written, origins)
  refuseTwoTokens(written)
  const given = Object.freeze([...written.keys()])
  return Object.freeze({ ...values, given }) as Settings
}

/** `GATEWAY_*` variables that no setting reads: most likely misspelt. */
export function unknownVariables(
  env: NodeJS.ProcessEnv,
): { readonly variable: string; readonly nearest: string | undefined }[] {
  const known = new Set(NAMES.map(variableOf))
  return Object.keys(env)
    .filter((variable) => variable.startsWith('GATEWAY_') && !known.has(variable))
    .filter((variable) => !KUBERNETES_SERVICE_LINK.test(variable))
    .map((variable) => ({ variable, nearest: nearestName(variable, known) }))
}

/** Kubernetes sets these in every pod beside a Service called "gateway" or "gateway-...". No setting ends like them. */
const KUBERNETES_SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT\w*|PORT|PORT_\d+_\w+)$/

function sourceOf(
  name: Name,
  { flags, env, config }: { flags: GivenFlags; env: NodeJS.ProcessEnv; config?: string },
): { text: string; origin: string } | undefined {
  if (name === 'config' && config !== undefined) return { text: config, origin: '--config' }
  const flag = flagOf(name)
  if (flags.has(flag)) return { text: flags.text(flag), origin: `--${flag}` }
  for (const variable of [variableOf(name), rows[name].alias]) {
    const value = variable === undefined ? undefined : env[variable]
    if (variable !== undefined && value !== undefined && value !== '')
      return { text: value, origin: variable }
  }
  return undefined
}

/** Lets convict check the texts, then reads each. The schema is built per call: its formats know where a text came from. */
function validated(
  written: ReadonlyMap<Name, string>,
  origins: ReadonlyMap<Name, string>,
): Record<string, unknown> {
  const schema = Object.fromEntries(
    NAMES.map((name) => [
      name,
      {
        default: rows[name].default,
        doc: rows[name].description,
        format: (value: string) => check(name, value, origins.get(name) ?? `--${flagOf(name)}`),
        sensitive: rows[name].isSecret === true,
      },
    ]),
  )
  // Neither argv nor the environment is convict's to read: it takes "12abc" for 12 and "no" for true.
  const texts = convict<Record<string, string>>(schema, { args: [], env: {} })
  texts.load(Object.fromEntries(written))
  try {
    texts.validate({ allowed: 'strict' })
  } catch (error) {
    throw new SettingsError(error instanceof Error ? error.message : String(error))
  }
  return Object.fromEntries(
    NAMES.map((name) => [name, frozen(rows[name].kind.read(String(texts.get(name))))]),
  )
}

function check(name: Name, value: string, origin: string): void {
  const { kind } = rows[name]
  try {
    kind.read(value)
    if (value === '' && rows[name].default !== '') throw new Error('is empty')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${origin} ${reason}; allowed: ${kind.allowed}`, { cause: error })
  }
}

function refuseTwoTokens(written: ReadonlyMap<Name, string>): void {
  if (!written.has('adminToken') || !written.has('adminTokenFile')) return
  throw new SettingsError(
    `${variableOf('adminToken')} and ${variableOf('adminTokenFile')} (or --${flagOf('adminTokenFile')}) are both set; allowed: one of them`,
  )
}

/** A value is a text, a number, a list or a plain object of those. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen)
  return Object.freeze(value)
}
