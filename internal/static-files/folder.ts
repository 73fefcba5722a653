import { constants, realpathSync, statSync } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import nodePath from 'node:path'
import type { BodySink, BodyStream } from '../pipe/pipe.ts'

/** A file that may be served, as it was when it was found. */
export type FoundFile = {
  readonly kind: 'file'
  /** Without any symbolic link. */
  readonly path: string
  readonly sizeBytes: number
  /** Milliseconds since the epoch. */
  readonly changedMs: number
}
export type FoundFolder = { readonly kind: 'folder'; readonly path: string }

/** A folder whose files are served: nothing outside it is ever reached. */
export type Folder = {
  /** Free of symbolic links. */
  readonly root: string
  /** What stands at a decoded path that starts with `/`; `undefined` when nothing that may be served does. */
  find(path: string): Promise<FoundFile | FoundFolder | undefined>
}

export type FolderRules = {
  /** Names that start with a dot are served as well. */
  readonly hasDotFiles: boolean
}

/** Opens the folder at `path`, which must be there. Throws what the file system says. */
export function folderAt(path: string, { hasDotFiles }: FolderRules): Folder {
  const root = realpathSync(path)
  if (!statSync(root).isDirectory()) throw new Error(`${path} is no folder`)
  const isWithin = (real: string): boolean =>
    real === root || real.startsWith(root === nodePath.sep ? root : root + nodePath.sep)
  return {
    root,
    async find(wanted) {
      const names = namesOf(wanted)
      if (names === undefined || (!hasDotFiles && names.some(isDotFile))) return undefined
      try {
        const real = await realpath(nodePath.join(root, ...names))
        if (!isWithin(real)) return undefined
        if (!hasDotFiles && nodePath.relative(root, real).split(nodePath.sep).some(isDotFile))
          return undefined
        const found = await stat(real)
        if (found.isDirectory()) return { kind: 'folder', path: real }
        // No pipes and devices: reading those may never end.
        if (!found.isFile()) return undefined
        return { kind: 'file', path: real, sizeBytes: found.size, changedMs: found.mtimeMs }
      } catch {
        // Not there, or not ours to read: to a client that is the same.
        return undefined
      }
    },
  }
}

const isDotFile = (name: string): boolean => name.startsWith('.')

/** The names on a path; `undefined` when one of them could lead anywhere else than down. */
function namesOf(path: string): string[] | undefined {
  if (/[\0\\]/.test(path) || !path.isWellFormed()) return undefined
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  return names.includes('..') ? undefined : names
}

const CHUNK_BYTES = 64 << 10

/** Part of a file as a body. The file is opened when the first byte is wanted, so a body nobody reads holds nothing. */
export function fileBody(file: FoundFile, start: number, length: number): BodyStream {
  return new FileBody(file, start, length)
}

class FileBody implements BodyStream {
  readonly #file: FoundFile
  #at: number
  #left: number
  #sink: BodySink | undefined
  #handle: FileHandle | undefined
  #isReading = false
  #isHeld = false
  #isOver = false

  constructor(file: FoundFile, start: number, length: number) {
    this.#file = file
    this.#at = start
    this.#left = length
  }

  start(sink: BodySink): void {
    this.#sink = sink
    void this.#read()
  }

  resume(): void {
    this.#isHeld = false
    void this.#read()
  }

  destroy(): void {
    this.#isOver = true
    this.#sink = undefined
    if (!this.#isReading) this.#close()
  }

  async #read(): Promise<void> {
    if (this.#isReading || this.#isOver || this.#sink === undefined) return
    this.#isReading = true
    try {
      this.#handle ??= await opened(this.#file)
      while (this.#left > 0 && !this.#isHeld && !this.#isOver) await this.#readChunk(this.#handle)
      if (this.#left === 0 && !this.#isOver) this.#finish()
    } catch (error) {
      const sink = this.#sink
      this.destroy()
      sink?.error(error instanceof Error ? error : new Error(String(error)))
    } finally {
      this.#isReading = false
      if (this.#isOver) this.#close()
    }
  }

  async #readChunk(handle: FileHandle): Promise<void> {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, this.#left))
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, this.#at)
    if (bytesRead === 0) throw new Error(`${this.#file.path} became shorter while it was sent`)
    this.#at += bytesRead
    this.#left -= bytesRead
    if (this.#sink?.data(chunk.subarray(0, bytesRead)) === false) this.#isHeld = true
  }

  #finish(): void {
    this.#isOver = true
    this.#sink?.end()
    this.#sink = undefined
  }

  #close(): void {
    const handle = this.#handle
    this.#handle = undefined
    // Nothing was written: a failing close loses nothing.
    handle?.close().catch(() => {})
  }
}

/** Opens what was found, and nothing that took its place meanwhile. */
async function opened(file: FoundFile): Promise<FileHandle> {
  const handle = await open(
    file.path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  )
  const now = await handle.stat()
  if (now.isFile() && now.size === file.sizeBytes && now.mtimeMs === file.changedMs) return handle
  await handle.close()
  throw new Error(`${file.path} changed while it was sent`)
}
