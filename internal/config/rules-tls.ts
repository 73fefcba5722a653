import type { ClientTlsDocument, RootDocument, ServerTlsDocument } from './document.ts'
import { type Judged, type Path, shown } from './problem.ts'
import {
  CIPHER_IDS,
  CURVE_IDS,
  cipherName,
  curveName,
  TLS_VERSION_NAMES,
  tlsVersion,
} from './tls-names.ts'

/** What is wrong with `tls` and `client_tls`, as far as the document alone shows it. */
export function tlsFindings(root: RootDocument, into: Judged): void {
  if (root.client_tls !== undefined) judgeNames(root.client_tls, ['client_tls'], into)
  const { tls } = root
  if (tls === undefined) return
  if (tls.disabled) return
  judgeNames(tls, ['tls'], into)
  const pairs = (tls.keys ?? []).map((pair, at): [typeof pair, Path] => [pair, ['tls', 'keys', at]])
  if (tls.public_key || tls.private_key) pairs.push([tls, ['tls']])
  if (pairs.length === 0) into.errors.push({ path: ['tls'], message: 'public key not defined' })
  for (const [pair, path] of pairs) {
    if (!pair.public_key) into.errors.push({ path, message: 'public key not defined' })
    else if (!pair.private_key) into.errors.push({ path, message: 'private key not defined' })
  }
}

function judgeNames(tls: ServerTlsDocument | ClientTlsDocument, path: Path, into: Judged): void {
  for (const key of ['min_version', 'max_version'] as const) {
    const name = tls[key]
    if (!name || tlsVersion(name) !== undefined) continue
    into.warnings.push({
      path: [...path, key],
      message: `unknown TLS version ${shown(name)}`,
      allowed: TLS_VERSION_NAMES.join(', '),
      effect: 'TLS13 is used',
    })
  }
  judgeIds(
    tls.curve_preferences,
    { path: [...path, 'curve_preferences'], nameOf: curveName, known: CURVE_IDS },
    into,
  )
  judgeIds(
    tls.cipher_suites,
    { path: [...path, 'cipher_suites'], nameOf: cipherName, known: CIPHER_IDS },
    into,
  )
}

type Ids = {
  readonly path: Path
  readonly nameOf: (id: number) => string | undefined
  readonly known: readonly number[]
}

function judgeIds(
  ids: readonly number[] | undefined,
  { path, nameOf, known }: Ids,
  into: Judged,
): void {
  if (ids === undefined || ids.length === 0) return
  const allowed = known.join(', ')
  if (ids.every((id) => nameOf(id) === undefined)) {
    into.errors.push({
      path,
      message: 'none of these numbers is known',
      found: shown([...ids]),
      allowed,
    })
    return
  }
  for (const [at, id] of ids.entries()) {
    if (nameOf(id) !== undefined) continue
    into.warnings.push({
      path: [...path, at],
      message: `unknown number ${id}`,
      allowed,
      effect: 'it is left out',
    })
  }
}
