import { rootDocument } from '../../config/document.ts'
import type { ConfigProblem } from '../../errors.ts'
import { EXIT, green, type Invocation, red } from '../command.ts'
import { dump } from './dump.ts'
import { paint } from './paint.ts'
import { built, CheckFailure, linted, parsed, reachable } from './steps.ts'

const DEFAULT_INDENT = '\t'

/** Checks in KrakenD's order (parse, lint, dump, build), with its words. */
export async function report(file: string, invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation
  terminal.err(`Parsing configuration file: ${file}\n`)
  try {
    const loaded = await parsed(file, invocation)
    await linted(loaded, invocation)
    const level = flags.number('debug')
    const indent = flags.has('indent') ? flags.text('indent') : DEFAULT_INDENT
    if (level > 0) {
      const style = paint({ indent, level, colours: terminal.colours })
      terminal.err(dump(rootDocument(loaded.writtenDocument), style))
    }
    await built(loaded, invocation)
    await reachable(loaded, invocation)
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error
    terminal.err(`${red(`ERROR ${error.step}:`, terminal)}\t${error.message}\n\n`)
    return EXIT.failed
  }
  terminal.err(`${green('Syntax OK!', terminal)}\n`)
  return EXIT.ok
}

/** Checks, and prints everything found as one JSON object. */
export async function reportJson(file: string, invocation: Invocation): Promise<number> {
  const result = await everything(file, invocation)
  invocation.terminal.out(`${JSON.stringify({ file, ...result }, undefined, 2)}\n`)
  return result.isValid ? EXIT.ok : EXIT.failed
}

type Result = {
  readonly isValid: boolean
  readonly step?: string
  readonly errors: readonly ConfigProblem[]
  readonly warnings: readonly ConfigProblem[]
}

async function everything(file: string, invocation: Invocation): Promise<Result> {
  let warnings: readonly ConfigProblem[] = []
  try {
    const loaded = await parsed(file, invocation)
    warnings = loaded.warnings
    await linted(loaded, invocation)
    await built(loaded, invocation)
    await reachable(loaded, invocation)
    return { isValid: true, errors: [], warnings }
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error
    return { isValid: false, step: error.step, errors: error.problems, warnings }
  }
}
