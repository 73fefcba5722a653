/** The values of a list of names and values, by what `nameOf` makes of a name. */
export function valuesByName(
  list: readonly string[],
  nameOf: (name: string) => string,
): { [name: string]: string[] } {
  const found = new Map<string, string[]>()
  for (let at = 0; at < list.length; at += 2) {
    const name = nameOf(list[at] as string)
    const values = found.get(name)
    if (values === undefined) found.set(name, [list[at + 1] as string])
    else values.push(list[at + 1] as string)
  }
  return Object.fromEntries(found)
}
