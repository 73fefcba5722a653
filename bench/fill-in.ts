/** Fills `{{NAME}}` in the text of a configuration. A name without a value is a mistake in the bench. */
export function fillIn(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`no value for {{${name}}}`)
    return String(value)
  })
}
