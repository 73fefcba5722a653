import { ConfigError } from '../../../../errors.ts'
import type { JsonObject, JsonValue } from '../../../../pipe/pipe.ts'
import { failure } from '../message.ts'
import type { AnswerModifier, CallModifier, Modifier } from '../modifier.ts'
import type { Settings } from '../settings.ts'

/** Several modifiers in their order. With `aggregateErrors` the others go on after one has failed. */
export function fifoGroup(settings: Settings): Modifier {
  const modifiers = settings.modifiers('modifiers', (item, path) => [item, path])
  return settings.flag('aggregateErrors') ? patiently(modifiers) : inOrder(modifiers)
}

/** Several modifiers, the highest priority first; among equals the one declared last. */
export function priorityGroup(settings: Settings): Modifier {
  const priorities: number[] = []
  const modifiers = settings.modifiers('modifiers', (item, path) => {
    const { priority, modifier } = entry(item, path)
    priorities.push(priority)
    return [modifier, `${path}.modifier`]
  })
  const order = modifiers
    .map((modifier, at) => ({ modifier, at, priority: priorities[at] as number }))
    .sort((one, other) => other.priority - one.priority || other.at - one.at)
  return inOrder(order.map(({ modifier }) => modifier))
}

function entry(
  item: JsonValue,
  path: string,
): { readonly priority: number; readonly modifier: JsonValue | undefined } {
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    throw new ConfigError('must be an object with priority and modifier', { path })
  const { priority = 0, modifier }: JsonObject = item
  if (typeof priority !== 'number' || !Number.isInteger(priority))
    throw new ConfigError('priority must be a whole number', { path: `${path}.priority` })
  return { priority, modifier }
}

const callsOf = (modifiers: readonly Modifier[]): CallModifier[] =>
  modifiers.map(({ call }) => call).filter((call) => call !== undefined)
const answersOf = (modifiers: readonly Modifier[]): AnswerModifier[] =>
  modifiers.map(({ answer }) => answer).filter((answer) => answer !== undefined)

function inOrder(modifiers: readonly Modifier[]): Modifier {
  const calls = callsOf(modifiers)
  const answers = answersOf(modifiers)
  return {
    call(call) {
      for (const modify of calls) modify(call)
    },
    async answer(answer) {
      for (const modify of answers) await modify(answer)
    },
  }
}

function patiently(modifiers: readonly Modifier[]): Modifier {
  const calls = callsOf(modifiers)
  const answers = answersOf(modifiers)
  return {
    call(call) {
      const failures: unknown[] = []
      for (const modify of calls) {
        try {
          modify(call)
        } catch (error) {
          failures.push(error)
        }
      }
      report(failures)
    },
    async answer(answer) {
      const failures: unknown[] = []
      for (const modify of answers) {
        try {
          await modify(answer)
        } catch (error) {
          failures.push(error)
        }
      }
      report(failures)
    },
  }
}

function report(failures: readonly unknown[]): void {
  if (failures.length === 0) return
  throw failure(
    failures.map((error) => (error instanceof Error ? error.message : String(error))).join('\n'),
  )
}
