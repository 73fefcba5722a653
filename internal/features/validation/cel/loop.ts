import type { Frame, Program } from './compile.ts'
import { known, type Verdict, verdict } from './logic.ts'
import type { Macro } from './syntax.ts'
import { EvaluationError, isMap, kindOf, ListValue, type Value } from './values.ts'

/** A compiled loop: what it goes over, where its variable is kept, and what it does with each item. */
export type Loop = {
  readonly range: Program
  readonly slot: number
  readonly steps: readonly Program[]
}

/** Compiles a macro. */
export function loop(name: Macro['name'], { range, slot, steps }: Loop): Program {
  const last = steps.at(-1) as Program
  const condition = steps.length > 1 ? steps[0] : undefined
  switch (name) {
    case 'all':
      return (frame) => quantified(frame, false)
    case 'exists':
      return (frame) => quantified(frame, true)
    case 'exists_one':
      return (frame) => kept(frame, last).length === 1
    case 'filter':
      return (frame) => ListValue.of(kept(frame, last))
    case 'map':
      return (frame) => {
        const mapped: Value[] = []
        for (const item of items(frame)) {
          enter(frame, item)
          if (condition === undefined || known(verdict(condition, frame))) mapped.push(last(frame))
        }
        return ListValue.of(mapped)
      }
  }

  function enter(frame: Frame, item: Value): void {
    frame.spend(1)
    frame.locals[slot] = item
  }

  /** Ends at the first item that decides; failures count only when none does. */
  function quantified(frame: Frame, decisive: boolean): boolean {
    let failure: Verdict = !decisive
    for (const item of items(frame)) {
      enter(frame, item)
      const found = verdict(last, frame)
      if (found === decisive) return decisive
      if (found instanceof EvaluationError && !(failure instanceof EvaluationError)) failure = found
    }
    return known(failure)
  }

  function kept(frame: Frame, test: Program): Value[] {
    const found: Value[] = []
    for (const item of items(frame)) {
      enter(frame, item)
      if (known(verdict(test, frame))) found.push(item)
    }
    return found
  }

  function* items(frame: Frame): Generator<Value> {
    const over = range(frame)
    if (over instanceof ListValue) for (let at = 0; at < over.length; at++) yield over.at(at)
    else if (isMap(over)) yield* over.keys()
    else throw new EvaluationError(`got '${kindOf(over)}', expected iterable type`)
  }
}
