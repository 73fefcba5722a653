import { ConfigError } from '../errors.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import type { Source, SourceFactory, SourceScope, Wanted } from './discovery.ts'
import { moduleSource } from './sources/module-source.ts'

/** Every kind of registry, by what `sd` calls it. */
export type SourceTable = Readonly<Record<string, SourceFactory>>

type Built = { readonly source: Source; readonly text: string }

/** Keys that clusters share make a registry of their own only where a backend asks for it. */
type Part = { readonly options: JsonObject; readonly isShared: boolean }

const PREFIX = 'discovery/'

/**
 * The registries of one configuration: what stands under `discovery/<sd>`, each built once. One whose part of
 * the configuration did not change is taken over from `previous`, connections and all.
 */
export class Registries {
  readonly #table: SourceTable
  readonly #scope: SourceScope
  readonly #parts: ReadonlyMap<string, Part>
  /** By name: the next configuration takes over from here. */
  readonly built = new Map<string, Built>()

  /** Throws a `ConfigError` when a registry's options cannot work. */
  constructor(
    table: SourceTable,
    extraConfig: Readonly<Record<string, JsonValue>>,
    scope: SourceScope,
    previous?: Registries,
  ) {
    this.#table = table
    this.#scope = scope
    this.#parts = registryParts(extraConfig)
    for (const [name, part] of this.#parts) if (!part.isShared) this.#build(name, previous)
    for (const [name, one] of previous?.built ?? [])
      if (!this.#parts.has(name) && one.text === '{}') this.built.set(name, one)
  }

  /** The registry that `wanted` names; throws a `ConfigError` when there is none. */
  source({ sd, registry }: Pick<Wanted, 'sd' | 'registry'>): Source {
    const name = registryName(sd, registry)
    const built = this.built.get(name)
    if (built !== undefined) return built.source
    if (registry !== '')
      throw new ConfigError(`no registry "${registry}"`, { path: `extra_config."${PREFIX}${sd}"` })
    return this.#build(name)
  }

  /** Closes what `next` did not take over. */
  async closeAllBut(next: Registries | undefined): Promise<void> {
    const kept = new Set([...(next?.built.values() ?? [])].map((one) => one.source))
    const gone = [...this.built.values()].filter((one) => !kept.has(one.source))
    this.built.clear()
    await Promise.allSettled(gone.map(async (one) => one.source.close?.()))
  }

  #build(name: string, previous?: Registries): Source {
    const options = this.#parts.get(name)?.options ?? {}
    const text = JSON.stringify(options)
    const known = previous?.built.get(name)
    if (known?.text === text) {
      this.built.set(name, known)
      return known.source
    }
    const sd = name.split(' ', 1)[0] ?? ''
    const source = factoryOf(this.#table, sd, options)(options, this.#scope)
    this.built.set(name, { source, text })
    return source
  }
}

/** A user's own module comes before the table, so that it may also replace what stands there. */
function factoryOf(table: SourceTable, sd: string, { module }: JsonObject): SourceFactory {
  if (typeof module === 'string') return moduleSource(sd, module)
  const factory = Object.hasOwn(table, sd) ? table[sd] : undefined
  if (factory === undefined) throw new ConfigError(unknownSd(sd, table))
  return factory
}

const registryName = (sd: string, registry: string): string =>
  registry === '' ? sd : `${sd} ${registry}`

const unknownSd = (sd: string, table: SourceTable) => [
  {
    place: { path: 'sd' },
    message: 'unknown service discovery',
    found: `"${sd}"`,
    allowed: `${Object.keys(table).join(', ')}, or "discovery/${sd}" with a "module" of your own`,
  },
]

/** `discovery/etcd` is one registry; with `clusters`, each of them is one, and its keys come over the others. */
function registryParts(extraConfig: Readonly<Record<string, JsonValue>>): Map<string, Part> {
  const parts = new Map<string, Part>()
  for (const [namespace, value] of Object.entries(extraConfig)) {
    const options = asObject(value)
    if (!namespace.startsWith(PREFIX) || options === undefined) continue
    const sd = namespace.slice(PREFIX.length)
    const { clusters, ...shared } = options
    parts.set(sd, { options: shared, isShared: clusters !== undefined })
    for (const [name, own] of Object.entries(asObject(clusters) ?? {}))
      parts.set(registryName(sd, name), {
        options: { ...shared, ...asObject(own) },
        isShared: false,
      })
  }
  return parts
}

const asObject = (value: JsonValue | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
