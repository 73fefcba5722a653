/**
 * `build` for parts without state: equal options (as JSON) give the same part. A thousand endpoints have a handful
 * of different ones, and memory that requests to all of them share stays in the processor's caches.
 */
export function onceEach<Options, Part>(
  build: (options: Options) => Part,
): (options: Options) => Part {
  const parts = new Map<string, Part>()
  return (options) => {
    const key = JSON.stringify(options)
    const known = parts.get(key)
    if (known !== undefined) return known
    const part = build(options)
    parts.set(key, part)
    return part
  }
}
