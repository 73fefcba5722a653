/** What a program is started with. */
export type Launch = {
  /** A folder of its own, for its configuration and what it writes. */
  readonly folder: string
  readonly port: number
  /** Threads, processes or processors it may use. */
  readonly width: number
  /** Ports of the upstream. */
  readonly upstream: readonly [number, number]
  /** A KrakenD configuration without its port; nginx and HAProxy have their own. */
  readonly document: Readonly<Record<string, unknown>>
}

/** How a launched program is run. `/__health` on its port answers 200 once it serves. */
export type Command = {
  readonly words: readonly [string, ...string[]]
  readonly env?: Readonly<Record<string, string>>
}

/** A gateway that takes part. */
export type Program = {
  /** Why it cannot, or `undefined`. */
  readonly missing: () => string | undefined
  /** Its name and version as it prints them. */
  readonly version: () => string
  /** Writes its configuration into the folder. */
  readonly prepare: (launch: Launch) => Promise<Command>
  /** Whether it refuses the configuration (and why), asked of itself. */
  readonly refusal?: (launch: Launch) => Promise<string | undefined>
}
