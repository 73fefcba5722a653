import type { Machine } from '../machine/machine.ts'
import { LuaError, type Running, type Value, type Values } from '../machine/values.ts'

/** What a script can catch of `thrown`; anything else (no time, no memory, a bug) is thrown on. */
export function caught(thrown: unknown, machine: Machine): LuaError {
  if (thrown instanceof LuaError) return thrown
  // JavaScript's own stack is full before ours where functions of the library call each other.
  if (thrown instanceof RangeError)
    return new LuaError(`${machine.where(1)} stack overflow`, machine.at)
  throw thrown
}

/** `true` and what a function returns, or `false` and the error, which `handler` may change. */
export function* protectedly(
  machine: Machine,
  callee: Value,
  args: Values,
  handler?: Value,
): Running<Values> {
  const { thread } = machine
  const { depth } = thread
  try {
    return [true, ...(yield* machine.callback(callee, args))]
  } catch (thrown) {
    const { value } = caught(thrown, machine)
    thread.depth = depth
    if (handler === undefined) return [false, value]
    return [false, yield* explained(machine, handler, value)]
  }
}

/** A handler that fails in turn has the last word. */
function* explained(machine: Machine, handler: Value, value: Value): Running<Value> {
  const { thread } = machine
  const { depth } = thread
  try {
    return (yield* machine.callback(handler, [value]))[0]
  } catch (thrown) {
    const failure = caught(thrown, machine)
    thread.depth = depth
    return failure.value
  }
}
