/**
 * `mapping` as old name to new: top-level names only, a new name ends at its first dot. A field that is
 * mapped to its own name disappears in KrakenD; here it stays.
 */
export function renamesOf(mapping: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const pairs = Object.entries(mapping).map(([from, to]) => [from, to.split('.')[0] ?? ''] as const)
  return new Map(pairs.filter(([from, to]) => from !== to))
}
