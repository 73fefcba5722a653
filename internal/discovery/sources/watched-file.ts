import { readFile, stat } from 'node:fs/promises'
import { DiscoveryError } from '../discovery.ts'

/**
 * A file that is read again when it was changed or replaced. Costs one `stat` a call; rejects with a
 * `DiscoveryError` while the file cannot be read.
 */
export function watchedFile<T>(file: string, parse: (bytes: Buffer) => T): () => Promise<T> {
  let known: { readonly mark: string; readonly value: T } | undefined
  return async () => {
    try {
      const { mtimeMs, ctimeMs, size, ino } = await stat(file)
      const mark = `${mtimeMs} ${ctimeMs} ${size} ${ino}`
      if (known?.mark === mark) return known.value
      known = { mark, value: parse(await readFile(file)) }
      return known.value
    } catch (error) {
      if (error instanceof DiscoveryError) throw error
      const reason = (error as NodeJS.ErrnoException).code ?? String(error)
      throw new DiscoveryError('unreachable', `cannot read ${file}: ${reason}`, error)
    }
  }
}

export type SecretParts = {
  readonly value: string | undefined
  /** Holds it instead, and may be replaced while we run. */
  readonly file: string | undefined
  /** Told of each value before it is used. */
  readonly hide: (value: string) => void
}

/** A password or token, written or in a file; `undefined` where there is none. */
export function secretValue({ value, file, hide }: SecretParts): () => Promise<string | undefined> {
  if (value !== undefined) {
    hide(value)
    return async () => value
  }
  if (file === undefined) return async () => undefined
  return watchedFile(file, (bytes) => {
    const text = bytes.toString('utf8').trim()
    hide(text)
    return text
  })
}
