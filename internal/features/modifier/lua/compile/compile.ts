import { parse } from '../language/parser.ts'
import type { Chunk, Code, Site } from '../machine/values.ts'
import { RUNTIME } from './runtime.ts'
import { StatementWriter } from './statement-writer.ts'
import { Writer } from './writer.ts'

/**
 * Compiles a script (one character a byte) to a JavaScript generator function. Names of the script never become
 * names in JavaScript, and its texts only quoted ones, so that nothing of it is run as JavaScript. Throws a
 * `SyntaxProblem`.
 */
export function compile(source: string, chunk: Chunk): Code {
  const body = parse(source)
  const out = new Writer(chunk)
  new StatementWriter(out).block(body)
  const text = [
    '"use strict";',
    `const {${Object.keys(RUNTIME).join(',')}}=R;`,
    'return function*(F,V,S){S.enter(F);if(--S.steps<0)yield*S.refuel();',
    String(out),
    'return S.leave(NONE);}',
  ].join('\n')
  return new Function('R', 'K', text)(RUNTIME, out.sites satisfies readonly Site[]) as Code
}
