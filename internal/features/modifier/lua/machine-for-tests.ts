import { type Deadline, DeadlineWheel } from '../../../pipe/deadline.ts'
import { fromScript, toScript } from './api/text.ts'
import { compile } from './compile/compile.ts'
import { drive } from './drive.ts'
import { OPEN_LIBRARIES } from './library/globals.ts'
import { Modules } from './library/modules.ts'
import { Budget } from './machine/budget.ts'
import { Machine } from './machine/machine.ts'
import { Closure, LuaError, NONE } from './machine/values.ts'

/** A deadline that is over at `atMs` on the clock of `performance.now()`. */
export function deadlineAt(atMs: number): Deadline {
  const deadline = new DeadlineWheel().start(performance.now())
  deadline.atMs = atMs
  return deadline
}

/** Runs a script with all libraries; what it printed, and the error that ended it as its last line. */
export async function printedBy(
  source: string,
  deadline = deadlineAt(Number.POSITIVE_INFINITY),
): Promise<string[]> {
  const lines: string[] = []
  const place = (line: number): string => `L${line}`
  const modules = new Modules(OPEN_LIBRARIES)
  const machine = new Machine(modules.globals, {
    modules,
    budget: new Budget(deadline),
    print: (line) => lines.push(fromScript(line)),
    compile: (text, name) => compile(text, { name, place }),
  })
  machine.openText()
  const code = compile(toScript(source), { name: '<string>', place })
  try {
    await drive(machine.call(new Closure(machine.globals, code, 0), NONE))
  } catch (thrown) {
    if (!(thrown instanceof LuaError)) throw thrown
    lines.push(machine.print(thrown.value))
  }
  return lines
}
