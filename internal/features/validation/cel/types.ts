import type { KindName } from './values.ts'

/** What is known of a value before anything runs. */
export type Type = {
  readonly kind: KindName | 'dyn'
  /** Of a list its items, of a map its values; absent: anything. */
  readonly item?: Type
  /** Of a map. */
  readonly key?: Type
}

export const DYN: Type = { kind: 'dyn' }
export const listOf = (item: Type): Type => ({ kind: 'list', item })
export const mapOf = (key: Type, item: Type): Type => ({ kind: 'map', key, item })

/** Whether some value could be of both types. */
export function fits(one: Type, other: Type): boolean {
  if (one.kind === 'dyn' || other.kind === 'dyn') return true
  return (
    one.kind === other.kind &&
    fits(one.item ?? DYN, other.item ?? DYN) &&
    fits(one.key ?? DYN, other.key ?? DYN)
  )
}

/** The one type of all, or anything. */
export function join(types: readonly Type[]): Type {
  const [first = DYN, ...rest] = types
  return rest.every((type) => isSame(type, first)) ? first : DYN
}

const isSame = (one: Type, other: Type): boolean =>
  one.kind === other.kind &&
  (one.kind === 'dyn' || (isSameItem(one.item, other.item) && isSameItem(one.key, other.key)))

const isSameItem = (one: Type = DYN, other: Type = DYN): boolean => isSame(one, other)

/** As messages name it: `map(string, dyn)`. */
export function printType({ kind, item = DYN, key = DYN }: Type): string {
  if (kind === 'list') return `list(${printType(item)})`
  return kind === 'map' ? `map(${printType(key)}, ${printType(item)})` : kind
}
