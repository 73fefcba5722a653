import type { HeaderList } from '../../../pipe/pipe.ts'
import { type StoredReply, sizeOf, suits } from './stored-reply.ts'

export type StoreLimits = { readonly maxItems: number; readonly maxBytes: number }

/** Variants of one URL that are kept side by side. */
const MOST_VARIANTS = 16

type Item = { readonly variants: readonly StoredReply[]; readonly bytes: number }

/** Answers by key, within limits: what was used longest ago goes first. */
export class ReplyStore {
  readonly #limits: StoreLimits
  /** In order of use, the latest last. */
  readonly #items = new Map<string, Item>()
  #bytes = 0

  constructor(limits: StoreLimits) {
    this.#limits = limits
  }

  get items(): number {
    return this.#items.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The latest answer of `key` that suits a request with these headers. */
  get(key: string, requestHeaders: HeaderList): StoredReply | undefined {
    const item = this.#items.get(key)
    if (item === undefined) return undefined
    this.#items.delete(key)
    this.#items.set(key, item)
    return item.variants.find((variant) => suits(variant, requestHeaders))
  }

  /** Keeps `reply` in place of the one it varies from by nothing, or of all with that key. Too large a one is not kept. */
  set(key: string, reply: StoredReply, keepsVariants: boolean): void {
    const others = keepsVariants ? this.#othersThan(reply, key) : []
    this.delete(key)
    if (sizeOf(reply) >= this.#limits.maxBytes) return
    const variants = [reply, ...others]
    const bytes = variants.reduce((sum, variant) => sum + sizeOf(variant), 0)
    this.#items.set(key, { variants, bytes })
    this.#bytes += bytes
    this.#evict()
  }

  delete(key: string): void {
    this.#bytes -= this.#items.get(key)?.bytes ?? 0
    this.#items.delete(key)
  }

  #othersThan(reply: StoredReply, key: string): StoredReply[] {
    const variants = this.#items.get(key)?.variants ?? []
    return variants
      .filter(({ varied }) => varied.join('\n') !== reply.varied.join('\n'))
      .slice(0, MOST_VARIANTS - 1)
  }

  #evict(): void {
    for (const key of this.#items.keys()) {
      if (this.#items.size <= this.#limits.maxItems && this.#bytes <= this.#limits.maxBytes) return
      this.delete(key)
    }
  }
}
