/** What must never be printed. */
export type Secrets = {
  /** From now on `value` is cut out of every text. */
  readonly add: (value: string) => void
  readonly redact: (text: string) => string
}

/** Shorter values would tear harmless words apart. */
const SHORTEST = 4
const SHOWN = '***'

/** Remembers the process's secrets (tokens, passwords) and cuts them out of log lines. */
export function secrets(): Secrets {
  const known = new Set<string>()
  let longestFirst: readonly string[] = []
  return {
    add(value) {
      for (const form of [value, encodeURIComponent(value.toWellFormed())])
        if (form.length >= SHORTEST) known.add(form)
      longestFirst = [...known].sort((one, other) => other.length - one.length)
    },
    redact(text) {
      let redacted = text
      for (const secret of longestFirst)
        if (redacted.includes(secret)) redacted = redacted.replaceAll(secret, SHOWN)
      return redacted
    },
  }
}
