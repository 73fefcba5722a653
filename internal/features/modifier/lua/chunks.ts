import path from 'node:path'
import { toScript } from './api/text.ts'
import { compile } from './compile/compile.ts'
import { SyntaxProblem } from './language/syntax-error.ts'
import type { Chunk, Code } from './machine/values.ts'
import { type LuaSettings, readSource, type Source } from './settings.ts'

/** A text that runs in one piece; `undefined`: there is nothing to run. A problem makes each run fail. */
export type Part = { readonly chunk: Chunk; readonly code: Code | SyntaxProblem } | undefined

/** What an execution runs, in this order. */
export type Parts = { readonly sources: Part; readonly pre: Part; readonly post: Part }

/** As scripts see the name of all that comes with the configuration. */
const NAME = '<string>'

/** Compiles the scripts of a namespace once. */
export function partsOf(settings: LuaSettings): Parts {
  return {
    sources: sourcesPart(settings.sources),
    pre: part(toScript(settings.pre), (line) => `pre-script:L${line}`),
    post: part(toScript(settings.post), (line) => `post-script:L${line}`),
  }
}

/** For `live`: compiles the sources again when they have changed. Throws when one cannot be read. */
export function liveSources(settings: LuaSettings): () => Part {
  let sources = settings.sources
  let compiled = sourcesPart(sources)
  return () => {
    const now = sources.map(({ path: file }) => readSource(file))
    if (now.some(({ text }, at) => text !== sources[at]?.text)) {
      sources = now
      compiled = sourcesPart(now)
    }
    return compiled
  }
}

/** All sources are one text: they share their local variables, as in KrakenD. */
function sourcesPart(sources: readonly Source[]): Part {
  const ends: { readonly name: string; readonly first: number; readonly last: number }[] = []
  let line = 0
  for (const { path: file, text } of sources) {
    const lines = text.split('\n').length
    ends.push({ name: path.basename(file), first: line, last: line + lines })
    line += lines
  }
  const place = (at: number): string => {
    const found = ends.find(({ last }) => at <= last)
    return found === undefined ? '' : `${found.name}:L${Math.max(0, at - found.first)}`
  }
  return part(sources.map(({ text }) => text).join('\n'), place)
}

function part(source: string, place: Chunk['place']): Part {
  if (source.trim() === '') return undefined
  const chunk: Chunk = { name: NAME, place }
  return { chunk, code: compiled(source, chunk) }
}

function compiled(source: string, chunk: Chunk): Code | SyntaxProblem {
  try {
    return compile(source, chunk)
  } catch (problem) {
    if (problem instanceof SyntaxProblem) return problem
    throw problem
  }
}
