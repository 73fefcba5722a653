import type { Source } from './nodes.ts'

/** A look-up of a key that is not there, in an action that wrote nothing in the end. */
export type Gap = {
  readonly source: Source
  /** Where in the template it stands. */
  readonly at: number
  /** As it is written: `.service.missing`. */
  readonly expression: string
  readonly key: string
  /** Where in the rendered text nothing stands. */
  readonly offset: number
}

/** What a template and those that it calls have written. */
export class Output {
  readonly gaps: Gap[] = []
  readonly #pieces: string[] = []
  #length = 0

  write(text: string): void {
    this.#pieces.push(text)
    this.#length += text.length
  }

  noteGap(gap: Omit<Gap, 'offset'>): void {
    this.gaps.push({ ...gap, offset: this.#length })
  }

  get text(): string {
    return this.#pieces.join('')
  }
}
