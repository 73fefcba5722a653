import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { JsonError, parseJsonObject } from './go-json.ts'
import { Dict, type Value } from './value.ts'

/** How files are read; tests bring their own. */
export type ReadText = (path: string) => string

/** Collects what went wrong with the folders and files of settings and templates, as KrakenD lists it. */
export class SettingsErrors {
  readonly #lines: string[] = []

  add(name: string, error: unknown): void {
    this.#lines.push(`\t- ${name}: ${goReason(error)}`)
  }

  /** The whole text, or `undefined` when all went well. */
  text(): string | undefined {
    if (this.#lines.length === 0) return undefined
    return `loading flexible-config settings:\n${this.#lines.join('\n')}`
  }
}

/** Every `*.json` directly in the folder, each an object, under its name without the extension. */
export function loadSettings(folder: string, readText: ReadText, errors: SettingsErrors): Dict {
  const entries: (readonly [string, Value])[] = []
  for (const name of filesIn(folder, '.json', errors)) {
    try {
      const text = readText(join(folder, name))
      entries.push([name.slice(0, -'.json'.length), parseFile(text)])
    } catch (error) {
      errors.add(name, error)
    }
  }
  return new Dict(entries)
}

/** The names in a folder that end like this, sorted; a folder that cannot be read is an error of its own. */
export function filesIn(folder: string, ending: string, errors: SettingsErrors): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .sort()
  } catch (error) {
    errors.add(folder, error)
    return []
  }
}

function parseFile(text: string): Dict {
  try {
    return parseJsonObject(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    const before = text.slice(0, error.offset)
    const column = before.length - before.lastIndexOf('\n')
    const line = before.split('\n').length
    throw new Error(`${error.message} (line ${line}, column ${column})`, { cause: error })
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
}

/** A failed system call in Go's words: `open /x: no such file or directory`. */
export function goReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, path } = error as NodeJS.ErrnoException
  const reason = code === undefined ? undefined : REASONS[code]
  if (reason === undefined) return error.message
  const call = code === 'EISDIR' ? 'read' : 'open'
  return path === undefined ? reason : `${call} ${path}: ${reason}`
}
