import type { Chunk, Site } from '../machine/values.ts'
import { Scope } from './scope.ts'

/** The JavaScript of a script as it is written: its lines, its names, and the places that can fail. */
export class Writer {
  readonly #lines: string[] = []
  readonly sites: Site[] = []
  readonly scope = new Scope(() => this.fresh())
  readonly #chunk: Chunk
  #names = 0

  constructor(chunk: Chunk) {
    this.#chunk = chunk
  }

  line(text: string): void {
    this.#lines.push(text)
  }

  /** Leaves a line to be filled in later. */
  reserve(): (text: string) => void {
    const place = this.#lines.push('') - 1
    return (text) => {
      this.#lines[place] = text
    }
  }

  fresh(): string {
    return `v${++this.#names}`
  }

  /** A new name for what `text` computes now. */
  keep(text: string): string {
    const name = this.fresh()
    this.line(`const ${name}=${text};`)
    return name
  }

  /** The statement that notes where the script stands. */
  at(line: number, name = '(anonymous)'): string {
    const last = this.sites.at(-1)
    if (last?.line !== line || last.name !== name)
      this.sites.push({ line, name, chunk: this.#chunk })
    return `S.at=K[${this.sites.length - 1}]`
  }

  toString(): string {
    return this.#lines.join('\n')
  }
}
