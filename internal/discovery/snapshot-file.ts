import { readFileSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from '../telemetry/log.ts'
import type { SnapshotFileChoice } from './choice.ts'
import type { Found } from './discovery.ts'
import type { Timer } from './poll-timing.ts'
import type { PoolState } from './pool.ts'
import { readSnapshot, type SnapshotEntry, writtenSnapshot } from './snapshot-text.ts'

export type SnapshotFileOptions = {
  readonly log: Logger
  readonly now: () => number
  readonly timer: Timer
}

/** The lists of an earlier run, and where those of this one are kept. */
export type SnapshotFiles = {
  /** The list kept under `key`, unless it is too old. Reads the file when it is first asked for. */
  get(choice: SnapshotFileChoice | undefined, key: string): Kept | undefined
  /** Keeps a list: written soon, with whatever else changed by then. */
  put(choice: SnapshotFileChoice | undefined, key: string, state: PoolState): void
  /** Writes what is not written yet. */
  close(): Promise<void>
}
type Kept = { readonly instances: readonly Found[]; readonly atMs: number }

/** Changes that come together are written together; a list that only grows older, once in a while. */
const WRITE_DELAY_MS = 1000
const REFRESH_MS = 60_000
/** Lists nobody wants any more leave the file after a week. */
const FORGET_MS = 7 * 24 * 3_600_000

/** Files by their path: several lists may share one. */
export function snapshotFiles(options: SnapshotFileOptions): SnapshotFiles {
  const files = new Map<string, SnapshotFile>()
  const fileAt = (name: string): SnapshotFile => {
    const full = path.resolve(name)
    const file = files.get(full) ?? new SnapshotFile(full, options)
    files.set(full, file)
    return file
  }
  return {
    get(choice, key) {
      if (choice === undefined) return undefined
      const { instances, atMs } = fileAt(choice.path).entries.get(key) ?? {}
      if (instances === undefined || atMs === undefined) return undefined
      return options.now() - atMs > choice.maxAgeMs ? undefined : { instances, atMs }
    },
    put(choice, key, { instances, answeredAtMs, from, isFromFile }) {
      // What stands in is no answer to keep.
      if (choice === undefined || instances === undefined || answeredAtMs === undefined) return
      if (from !== 0 || isFromFile || instances.length === 0) return
      fileAt(choice.path).put(key, { instances, atMs: answeredAtMs })
    },
    async close() {
      await Promise.all([...files.values()].map((file) => file.close()))
    },
  }
}

/** One file, replaced whole. A file that cannot be read or written is told in the log and stops nothing. */
class SnapshotFile {
  readonly entries: Map<string, SnapshotEntry>
  readonly #path: string
  readonly #options: SnapshotFileOptions
  #cancelWrite: (() => void) | undefined
  #writing: Promise<void> = Promise.resolve()
  #isFailing = false

  constructor(name: string, options: SnapshotFileOptions) {
    this.#path = name
    this.#options = options
    this.entries = this.#read()
  }

  put(key: string, entry: SnapshotEntry): void {
    const last = this.entries.get(key)
    if (last?.instances === entry.instances && entry.atMs - last.atMs < REFRESH_MS) return
    this.entries.set(key, entry)
    this.#cancelWrite ??= this.#options.timer(WRITE_DELAY_MS, () => this.#write())
  }

  async close(): Promise<void> {
    if (this.#cancelWrite !== undefined) {
      this.#cancelWrite()
      this.#write()
    }
    await this.#writing
  }

  #read(): Map<string, SnapshotEntry> {
    try {
      return readSnapshot(readFileSync(this.#path, 'utf8'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#told('cannot be read', error)
      return new Map()
    }
  }

  #write(): void {
    this.#cancelWrite = undefined
    const tooOldMs = this.#options.now() - FORGET_MS
    for (const [key, { atMs }] of this.entries) if (atMs < tooOldMs) this.entries.delete(key)
    const text = writtenSnapshot(this.entries)
    this.#writing = this.#writing
      .then(() => replaceFile(this.#path, text))
      .then(
        () => {
          this.#isFailing = false
        },
        (error: unknown) => {
          // Told once: the disk may be full for days.
          if (!this.#isFailing) this.#told('cannot be written', error)
          this.#isFailing = true
        },
      )
  }

  #told(what: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.#options.log.warning(`[DISCOVERY] the snapshot file ${this.#path} ${what}: ${reason}`)
  }
}

/** Whoever reads the file sees the old text or the new one, also after a power cut. */
async function replaceFile(name: string, text: string): Promise<void> {
  const next = `${name}.${process.pid}.new`
  await mkdir(path.dirname(name), { recursive: true })
  try {
    const file = await open(next, 'w', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(next, name)
  } catch (error) {
    await rm(next, { force: true })
    throw error
  }
}
