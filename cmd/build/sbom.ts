import { createHash } from 'node:crypto'
import { type ProductionPackage, productionPackages } from './production-packages.ts'

/** CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/), as far as a list of npm packages needs it. */
export type Sbom = {
  readonly $schema: string
  readonly bomFormat: 'CycloneDX'
  readonly specVersion: '1.6'
  readonly serialNumber: string
  readonly version: number
  readonly metadata: { readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}
type Component = {
  readonly type: 'application' | 'library'
  readonly 'bom-ref': string
  readonly group?: string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly scope?: 'required'
  readonly licenses: readonly (
    | { readonly license: { readonly id: string } }
    | { readonly expression: string }
  )[]
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[]
}
export type Product = { readonly name: string; readonly version: string; readonly license: string }

/** What an installation consists of. The same lock file gives the same document, byte by byte. */
export async function softwareBillOfMaterials(root: string, product: Product): Promise<Sbom> {
  const { packages, direct } = await productionPackages(root)
  const refs = new Map(packages.map((one) => [one.folder, refOf(one)]))
  const refOfFolder = (folder: string): string => refs.get(folder) ?? folder
  const ownRef = `pkg:npm/${product.name}@${product.version}`
  const body = {
    metadata: { component: { type: 'application', ...identity(product, ownRef) } },
    components: packages.map(component),
    dependencies: [
      { ref: ownRef, dependsOn: direct.map(refOfFolder) },
      ...packages.map((one) => ({ ref: refOf(one), dependsOn: one.requires.map(refOfFolder) })),
    ],
  } as const
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialNumberOf(JSON.stringify(body)),
    version: 1,
    ...body,
  }
}

function component(one: ProductionPackage): Component {
  const digest = /^sha512-(.+)$/.exec(one.integrity)?.[1]
  return {
    type: 'library',
    ...identity(one, refOf(one)),
    scope: 'required',
    ...(digest === undefined
      ? {}
      : { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }),
  }
}

function identity({ name, version, license }: Product, ref: string): Omit<Component, 'type'> {
  const [group, rest] = name.startsWith('@') ? name.split('/') : []
  return {
    'bom-ref': ref,
    ...(group === undefined ? {} : { group }),
    name: rest ?? name,
    version,
    purl: purlOf(name, version),
    licenses: [/[ ()]/.test(license) ? { expression: license } : { license: { id: license } }],
  }
}

/** Two copies of one version in different folders are two components: what they require may differ. */
function refOf({ folder, name, version }: ProductionPackage): string {
  const isNested = folder !== `node_modules/${name}`
  return isNested ? `${purlOf(name, version)}#${folder}` : purlOf(name, version)
}

const purlOf = (name: string, version: string): string =>
  `pkg:npm/${name.replace(/^@/, '%40')}@${version}`

function serialNumberOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ]
  return `urn:uuid:${parts.join('-')}`
}
