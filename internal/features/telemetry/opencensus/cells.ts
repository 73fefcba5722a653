/** At most so many values of a label that come from outside; further ones are one. */
const MOST = 200
export const OTHER = 'other'

/** Cells made once for each key; keys beyond the bound share those of `other`. */
export function bounded<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>()
  return (key) => {
    const found = known.get(key)
    if (found !== undefined) return found
    const name = known.size < MOST ? key : OTHER
    const made = known.get(name) ?? make(name)
    known.set(name, made)
    return made
  }
}

/** A cell for each status, made when it first comes. */
export function byStatus<T>(make: (status: number) => T): (status: number) => T {
  const cells: (T | undefined)[] = []
  return (status) => {
    const found = cells[status] ?? make(status)
    cells[status] = found
    return found
  }
}
