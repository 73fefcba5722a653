import type { Machine } from '../machine/machine.ts'
import {
  Caller,
  LuaError,
  Native,
  type Pause,
  type Running,
  Thread,
  type Value,
  type Values,
} from '../machine/values.ts'
import { functionOf, wrongType } from './arguments.ts'
import type { Library } from './library.ts'
import { caught } from './protect.ts'

/** What a coroutine hands to who resumed it, told apart from what the whole script waits for. */
class Yielded {
  readonly values: Values
  constructor(values: Values) {
    this.values = values
  }
}

/** Coroutines inside each other: each takes JavaScript's stack too. */
const DEEPEST = 100

function threadOf(machine: Machine, args: Values): Thread {
  const [thread] = args
  return thread instanceof Thread ? thread : wrongType(machine, args, 1, 'thread')
}

/** Runs `thread` until it yields or ends. What it waits for, the whole script waits for. */
function* resumed(machine: Machine, thread: Thread, args: Values): Running<Values> {
  const before = machine.thread
  const { at } = machine
  before.status = 'normal'
  thread.status = 'running'
  machine.thread = thread
  try {
    thread.running ??= machine.call(thread.body, args)
    let step = thread.running.next(args)
    while (!step.done) {
      const handed: Pause | Yielded = step.value
      if (handed instanceof Yielded) {
        thread.status = 'suspended'
        return handed.values
      }
      step = yield* passedOn(thread.running, handed)
    }
    thread.status = 'dead'
    return step.value
  } catch (thrown) {
    thread.status = 'dead'
    throw thrown
  } finally {
    before.status = 'running'
    machine.thread = before
    machine.at = at
  }
}

function* passedOn(
  running: Running<Values>,
  pause: Pause,
): Generator<Pause, IteratorResult<Pause, Values>, unknown> {
  let answer: unknown
  try {
    answer = yield pause
  } catch (thrown) {
    return running.throw(thrown)
  }
  return running.next(answer)
}

const refusal = (machine: Machine, thread: Thread): string | undefined => {
  if (thread.status === 'dead') return 'can not resume a dead thread'
  if (thread.status !== 'suspended') return 'can not resume a running thread'
  return machine.thread.nesting > DEEPEST ? 'too many coroutines inside each other' : undefined
}

function* resume(machine: Machine, thread: Thread, args: Values): Running<Values> {
  const problem = refusal(machine, thread)
  if (problem !== undefined) return machine.fail(problem)
  thread.nesting = machine.thread.nesting + 1
  return yield* resumed(machine, thread, args)
}

function wrap(machine: Machine, body: Value): Value {
  const thread = new Thread(body)
  machine.budget.take(COST_OF_THREAD)
  return new Caller((running, args) => resume(running, thread, args))
}
const COST_OF_THREAD = 1024

/** `coroutine`, with `allow_open_libs`. */
export const COROUTINE: Library = {
  create: new Native((machine, args) => {
    machine.budget.take(COST_OF_THREAD)
    return [new Thread(functionOf(machine, args, 1))]
  }),
  resume: new Caller(function* coroutineResume(machine, args) {
    const thread = threadOf(machine, args)
    const problem = refusal(machine, thread)
    if (problem !== undefined) return [false, problem]
    try {
      return [true, ...(yield* resume(machine, thread, args.slice(1)))]
    } catch (thrown) {
      return [false, caught(thrown, machine).value]
    }
  }),
  running: new Native((machine) => [machine.thread === machine.main ? undefined : machine.thread]),
  status: new Native((machine, args) => [threadOf(machine, args).status]),
  wrap: new Native((machine, args) => [wrap(machine, functionOf(machine, args, 1))]),
  yield: new Caller(function* coroutineYield(machine, args) {
    if (machine.thread === machine.main)
      throw new LuaError(
        `${machine.where(1)} can not yield from outside of a coroutine`,
        machine.at,
      )
    return (yield new Yielded(args) as never) as Values
  }),
}
