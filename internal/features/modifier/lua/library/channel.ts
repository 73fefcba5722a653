import { Channel } from '../machine/channel.ts'
import type { Machine } from '../machine/machine.ts'
import { Table } from '../machine/table.ts'
import {
  Caller,
  isFunction,
  LuaError,
  Native,
  NONE,
  type Running,
  Thread,
  Userdata,
  type Value,
  type Values,
} from '../machine/values.ts'
import { anyOf, badArgument, tableOf, wholeOf, wrongType } from './arguments.ts'
import { type Library, lazily, type Making } from './library.ts'

/** More places than any memory has: Go refuses these. */
const MOST_PLACES = 2 ** 31
const COST_OF_CHANNEL = 96
const COST_OF_PLACE = 16

/** Go's own errors name no place. */
function panic(machine: Machine, message: string): never {
  throw new LuaError(message, machine.at)
}

/** A script is alone in its execution: what has to wait for another one would wait for ever. */
const waitForEver = (machine: Machine): never =>
  machine.fail('all goroutines are asleep - deadlock!')

function make(machine: Machine, args: Values, methods: Table): Values {
  const places = wholeOf(machine, args, 1, 0)
  if (places < 0 || places > MOST_PLACES) panic(machine, 'makechan: size out of range')
  machine.budget.take(COST_OF_CHANNEL + COST_OF_PLACE * places)
  return [new Channel(places, methods)]
}

function channelOf(machine: Machine, args: Values): Channel {
  const [channel] = args
  return channel instanceof Channel ? channel : wrongType(machine, args, 1, 'channel')
}

/** What could be changed by two scripts at once cannot be sent. */
function sendable(machine: Machine, value: Value, position: number): Value {
  const isShared =
    isFunction(value) ||
    value instanceof Userdata ||
    value instanceof Thread ||
    (value instanceof Table && value.meta !== undefined)
  if (!isShared) return value
  const reason = 'can not send a function, userdata, thread or table that has a metatable'
  return badArgument(machine, position, reason)
}

function send(machine: Machine, channel: Channel, value: Value): void {
  if (channel.isClosed) panic(machine, 'send on closed channel')
  channel.send(value)
}

function receive(machine: Machine, args: Values): Values {
  const channel = channelOf(machine, args)
  if (!channel.canReceive) waitForEver(machine)
  return channel.receive()
}

/** One case of `select`, as it is written down: a direction, a channel, a value to send, and what to call. */
type Case = {
  readonly direction: string
  readonly channel: Channel | undefined
  readonly value: Value
  readonly handler: Value
}

function caseOf(machine: Machine, args: Values, position: number): Case {
  const table = tableOf(machine, args, position)
  const direction = table.get(1)
  if (typeof direction !== 'string') return badArgument(machine, position, 'invalid select case')
  const channel = table.get(2)
  const isChannel = channel instanceof Channel
  if (!DIRECTIONS.has(direction))
    badArgument(machine, position, `invalid channel direction:${direction}`)
  if (direction !== DEFAULT && !isChannel) badArgument(machine, position, 'invalid select case')
  const value = direction === SEND ? sendable(machine, table.get(3), position) : undefined
  const last = table.get(table.length)
  const handler = isFunction(last) ? last : undefined
  return { direction, channel: isChannel ? channel : undefined, value, handler }
}
const SEND = '<-|'
const RECEIVE = '|<-'
const DEFAULT = 'default'
const DIRECTIONS = new Set([SEND, RECEIVE, DEFAULT])

function isReady({ direction, channel }: Case): boolean {
  if (direction === RECEIVE) return channel?.canReceive === true
  return direction === SEND && channel?.canSend === true
}

function* select(machine: Machine, args: Values): Running<Values> {
  const cases = args.map((_value, at) => caseOf(machine, args, at + 1))
  const defaults = cases.filter(({ direction }) => direction === DEFAULT)
  if (defaults.length > 1) panic(machine, 'reflect.Select: multiple default cases')
  machine.steps -= cases.length
  const chosen = cases.find(isReady) ?? defaults[0] ?? waitForEver(machine)
  const { direction, channel, value, handler } = chosen
  if (direction === SEND) send(machine, channel as Channel, value)
  const [isReceived = false, received] =
    direction === RECEIVE ? (channel as Channel).receive() : NONE
  if (handler !== undefined) {
    const given = { [SEND]: [value], [RECEIVE]: [isReceived, received] }[direction] ?? NONE
    yield* machine.callback(handler, given)
  }
  return [cases.indexOf(chosen) + 1, received, isReceived]
}

const METHODS = lazily({
  receive: new Native(receive),
  send: new Native((machine, args) => {
    const channel = channelOf(machine, args)
    const value = sendable(machine, anyOf(machine, args, 2), 2)
    if (!channel.canSend) waitForEver(machine)
    send(machine, channel, value)
    return NONE
  }),
  close: new Native((machine, args) => {
    const channel = channelOf(machine, args)
    if (channel.isClosed) panic(machine, 'close of closed channel')
    channel.isClosed = true
    return NONE
  }),
} satisfies Library)

/** `channel`: queues that a script fills and empties by itself, with `allow_open_libs`. */
export const CHANNEL: Making = () => {
  const methods = new Table(METHODS)
  methods.set('__index', methods)
  return new Table(
    lazily({
      make: new Native((machine, args) => make(machine, args, methods)),
      select: new Caller(select),
    }),
  )
}
