import type { Params } from '../../../../pipe/pipe.ts'
import { textOf } from '../library/arguments.ts'
import type { Machine } from '../machine/machine.ts'
import { NONE, type Values } from '../machine/values.ts'
import type { Api } from './api.ts'
import { ObjectView, own } from './json.ts'
import type { Changeable } from './subject.ts'
import { fromScript, toScript, urlText } from './text.ts'

type WithParams = Changeable & { readonly api: Api; params: Params }

/** `params()`, `params(name)` and `params(name, value)` of a request, whoever sent it. */
export function params(self: WithParams, args: Values, machine: Machine): Values {
  if (args.length === 1)
    return [self.api.wrap('luaTable', new ObjectView(self.api, own(self.api, self.params)))]
  const name = fromScript(textOf(machine, args, 2))
  if (args.length === 2) return [toScript(self.params[name] ?? '')]
  if (args.length > 3) return NONE
  self.params = { ...self.params, [name]: urlText(textOf(machine, args, 3)) }
  self.hasChanged = true
  return NONE
}
