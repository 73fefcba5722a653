import type { KeyObject } from 'node:crypto'
import type { Options } from '../../../config/options.ts'
import { ConfigError } from '../../../errors.ts'
import type { JsonObject } from '../../../pipe/pipe.ts'
import type { EndpointPlace, Scope } from '../../feature.ts'
import { keyStrategy } from '../jwk/key-id.ts'
import { fixedKeys, type KeyRing } from '../jwk/key-ring.ts'
import { asQuestion, keySource } from '../jwk/key-source.ts'
import { KeyProblem, keysOfSet, verifyingKey } from '../jwk/keys.ts'
import { type KeyLife, remoteKeys } from '../jwk/remote-keys.ts'
import type { ThreadState } from '../thread-state.ts'
import { keyLife } from './key-life.ts'

/** A validator's keys, and what they are called among those of its thread. */
export type NamedRing = { readonly name: string; readonly ring: KeyRing }

/** The keys that a validator's options name: those of a file now, those of a URL when a token wants one. */
export function keyRingOf(
  options: Options,
  { service }: EndpointPlace,
  scope: Scope,
  state: ThreadState,
): NamedRing {
  const source = keySource(options)
  const strategyName = options.text('key_identify_strategy') || 'kid'
  if (source.kind !== 'remote' && options.flag('cache'))
    throw options.wrong('cache', 'cache could not be used with jwk_local_path')
  if (source.kind === 'file') {
    const name = JSON.stringify(['file', source.file, source.text, strategyName])
    return {
      name,
      ring: state.ring(name, () => fixedKeys(fileKeys(source.text, strategyName, options))),
    }
  }
  const life =
    source.kind === 'sealed' ? FILE_LIFE : keyLife(options, service.extraConfig['auth/validator'])
  const question = asQuestion(source)
  const name = JSON.stringify([source.kind, question, strategyName, life])
  const strategy = keyStrategy(strategyName)
  const parts = { source: question, strategy, strategyName, life, scope }
  return {
    name,
    ring: state.ring(name, () => remoteKeys({ ...parts, importKey: verifyingKey })),
  }
}

/** The keys of a file stay what they were at the start. */
const FILE_LIFE: KeyLife = { maxAgeMs: 1e15, cooldownMs: 0 }

/** Every key of a file must be usable: whoever wrote it meant it. Of keys with the same id the last counts. */
function fileKeys(text: string, strategy: string, options: Options): Map<string, KeyObject> {
  const { ofKey } = keyStrategy(strategy)
  try {
    return new Map(keysOfSet(text).map((jwk, at) => [ofKey(jwk), usable(jwk, at)]))
  } catch (error) {
    if (!(error instanceof KeyProblem)) throw error
    throw new ConfigError(error.message, { path: options.path('jwk_local_path') })
  }
}

function usable(jwk: JsonObject, at: number): KeyObject {
  try {
    return verifyingKey(jwk)
  } catch (error) {
    if (!(error instanceof KeyProblem)) throw error
    throw new KeyProblem(`key ${at} of the set: ${error.message}`)
  }
}
