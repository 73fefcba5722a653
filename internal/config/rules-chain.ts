import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import { type BackendDocument, objectIn, type RootDocument } from './document.ts'
import { nearestName } from './nearest.ts'
import { type Judged, type Path, shown } from './problem.ts'

const NAMESPACE = 'backend/discovery'
const STATIC = 'static'

/** What of `backend/discovery` is about registries. */
const OF_REGISTRIES = ['registry', 'metadata', 'tags', 'port', 'policy', 'chain']

/** Names what a backend with written hosts says about registries: nobody would notice that it has no effect. */
export function staticFindings(backend: BackendDocument, path: Path, { warnings }: Judged): void {
  const written = objectIn(backend.extra_config, NAMESPACE)
  if (written === undefined) return
  const place: Path = [...path, 'extra_config', NAMESPACE]
  for (const key of Object.keys(written).filter((one) => OF_REGISTRIES.includes(one)))
    warnings.push({
      path: [...place, key],
      message: 'is about hosts from a registry, and these are written here',
      effect: 'it is ignored',
    })
}

/** Judges which registries a backend's `backend/discovery` names, for itself and along its chain. */
export function chainFindings(
  root: RootDocument,
  backend: BackendDocument,
  own: { readonly sd: string; readonly registries: readonly string[]; readonly path: Path },
  into: Judged,
): void {
  const written = objectIn(backend.extra_config, NAMESPACE)
  if (written === undefined) return
  const path: Path = [...own.path, 'extra_config', NAMESPACE]
  judgeCluster(root, own.sd, written['registry'], [...path, 'registry'], into)
  const { chain } = written
  if (!Array.isArray(chain)) return
  for (const [at, link] of chain.entries()) {
    const { sd, registry } = asObject(link)
    if (typeof sd !== 'string' || sd === STATIC) continue
    const place: Path = [...path, 'chain', at]
    if (own.registries.includes(sd)) judgeCluster(root, sd, registry, [...place, 'registry'], into)
    else
      into.errors.push({
        path: [...place, 'sd'],
        message: `unknown service discovery ${shown(sd)}`,
        allowed: [STATIC, ...own.registries].join(', '),
        nearest: nearestName(sd, [STATIC, ...own.registries]),
      })
  }
}

/** A registry named by a backend is one of the clusters under `discovery/<sd>`. */
function judgeCluster(
  root: RootDocument,
  sd: string,
  registry: JsonValue | undefined,
  path: Path,
  { errors }: Judged,
): void {
  if (typeof registry !== 'string' || registry === '') return
  const clusters = Object.keys(
    asObject(objectIn(root.extra_config, `discovery/${sd}`)?.['clusters']),
  )
  if (clusters.includes(registry)) return
  errors.push({
    path,
    message: `"discovery/${sd}" has no cluster ${shown(registry)}`,
    allowed: clusters.length === 0 ? 'names under its "clusters"' : clusters.join(', '),
    nearest: nearestName(registry, clusters),
  })
}

const asObject = (value: JsonValue | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
