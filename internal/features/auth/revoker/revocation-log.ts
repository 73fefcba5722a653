import { createReadStream, existsSync } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { createInterface } from 'node:readline'

/** One line a revocation: when it came and what it revoked. */
type Entry = { readonly atMs: number; readonly item: string }

export type RevocationLog = {
  /** Resolves when the items are on the disk. */
  append(items: readonly string[], atMs: number): Promise<void>
  /** Drops what was revoked before. */
  forget(beforeMs: number): Promise<void>
  close(): Promise<void>
}

/** Written together by `forget`. */
const BATCH_LINES = 1000

/**
 * Revocations in a file, so that they outlive the process: appended and flushed before anyone is told that they
 * hold. Work on the file is done one after the other. `replay` hears what it holds now.
 */
export async function revocationLog(
  file: string,
  sinceMs: number,
  replay: (item: string) => void,
): Promise<RevocationLog> {
  for await (const { item } of entries(file, sinceMs)) replay(item)
  let handle = await open(file, 'a', 0o600)
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work)
    turn = done.catch(() => {})
    return done
  }
  return {
    append: (items, atMs) =>
      inTurn(async () => {
        await handle.appendFile(items.map((item) => lineOf({ atMs, item })).join(''))
        await handle.sync()
      }),
    forget: (beforeMs) =>
      inTurn(async () => {
        const kept = `${file}.new`
        const next = await open(kept, 'w', 0o600)
        try {
          await copy(file, beforeMs, next)
          await next.sync()
        } finally {
          await next.close()
        }
        await handle.close()
        await rename(kept, file)
        handle = await open(file, 'a', 0o600)
      }),
    close: () => inTurn(() => handle.close()),
  }
}

async function copy(file: string, sinceMs: number, to: FileHandle): Promise<void> {
  let lines: string[] = []
  for await (const entry of entries(file, sinceMs)) {
    lines.push(lineOf(entry))
    if (lines.length < BATCH_LINES) continue
    await to.appendFile(lines.join(''))
    lines = []
  }
  await to.appendFile(lines.join(''))
}

const lineOf = ({ atMs, item }: Entry): string => `${atMs} ${JSON.stringify(item)}\n`

/** What the file holds since then. A line that was cut when the process died is passed over. */
async function* entries(file: string, sinceMs: number): AsyncGenerator<Entry> {
  if (!existsSync(file)) return
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const [, time, item] = /^(\d+) (".*")$/.exec(line) ?? []
    if (time === undefined || item === undefined || Number(time) < sinceMs) continue
    const text = jsonText(item)
    if (text !== undefined) yield { atMs: Number(time), item: text }
  }
}

function jsonText(source: string): string | undefined {
  try {
    return String(JSON.parse(source))
  } catch {
    return undefined
  }
}
