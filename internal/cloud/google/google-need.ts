/** Who needs a token, and what for. */
export type GoogleNeed = {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where the configuration asks for it, for messages. */
  readonly path: string
  readonly scope: string
}
