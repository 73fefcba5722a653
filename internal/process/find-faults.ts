import { rootDocument } from '../config/document.ts'
import { FaultSearch } from '../config/fault-search.ts'
import { normalise } from '../config/normalise.ts'
import type { Path } from '../config/problem.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import { tryToBuild } from './trial.ts'

/** Each round shows a further fault of every part that has one: nobody makes more of them in one part. */
const MOST_ROUNDS = 100

export type FaultsOptions = { readonly file: string; readonly maxDecodeBytes: number }

/**
 * Everything that keeps a gateway from being built of `document`. A part stops at its first fault: what was found is
 * left out and the rest built again, until nothing new shows. What follows from `known` faults is not told.
 */
export async function findFaults(
  document: JsonObject,
  known: readonly Path[],
  { file, maxDecodeBytes }: FaultsOptions,
): Promise<ConfigProblem[]> {
  const search = new FaultSearch(document, known)
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const failure = await failureOf(search.rest, file, maxDecodeBytes)
    if (failure === undefined) break
    if (failure instanceof ConfigError) {
      if (!search.take(failure.problems)) break
    } else if (!search.leaveOutKnown()) {
      // What trusts a value that is known to be wrong may break; anything else that breaks is a fault of ours.
      if (known.length + search.found.length === 0) throw failure
      break
    }
  }
  return search.found
}

async function failureOf(
  document: JsonObject,
  file: string,
  maxDecodeBytes: number,
): Promise<unknown> {
  try {
    await tryToBuild(normalise(rootDocument(document), file), maxDecodeBytes)
    return undefined
  } catch (error) {
    return error
  }
}
