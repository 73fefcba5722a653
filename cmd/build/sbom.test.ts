import assert from 'node:assert/strict'
import path from 'node:path'
import { before, describe, test } from 'node:test'
import { type Sbom, softwareBillOfMaterials } from './sbom.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const PRODUCT = { name: 'gateway', version: '1.2.3', license: 'Apache-2.0' }
const SERIAL = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

describe('the software bill of materials', () => {
  let sbom: Sbom
  before(async () => {
    sbom = await softwareBillOfMaterials(ROOT, PRODUCT)
  })

  test('is a CycloneDX 1.6 document about us', () => {
    const { bomFormat, specVersion, serialNumber, version, metadata } = sbom
    assert.deepEqual([bomFormat, specVersion, version], ['CycloneDX', '1.6', 1])
    assert.match(serialNumber, SERIAL)
    assert.deepEqual(metadata.component, {
      type: 'application',
      'bom-ref': 'pkg:npm/gateway@1.2.3',
      name: 'gateway',
      version: '1.2.3',
      purl: 'pkg:npm/gateway@1.2.3',
      licenses: [{ license: { id: 'Apache-2.0' } }],
    })
  })

  test('lists what is installed in production, with scope, licence and digest, and nothing of development', () => {
    const undici = sbom.components.find(({ name }) => name === 'undici')
    assert.equal(undici?.purl, `pkg:npm/undici@${undici?.version}`)
    assert.deepEqual(undici?.licenses, [{ license: { id: 'MIT' } }])
    assert.match(undici?.hashes?.[0]?.content ?? '', /^[0-9a-f]{128}$/)
    assert.equal(
      sbom.components.find(({ name }) => name === 'typescript'),
      undefined,
    )
    const scoped = sbom.components.find(({ group }) => group !== undefined)
    assert.match(scoped?.purl ?? '', /^pkg:npm\/%40[^@]+\/[^@]+@/)
  })

  test('names each component once, and every dependency is one of them', () => {
    const refs = [sbom.metadata.component, ...sbom.components].map((one) => one['bom-ref'])
    assert.equal(new Set(refs).size, refs.length)
    const used = sbom.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn])
    assert.deepEqual(
      [...new Set(used)].filter((ref) => !refs.includes(ref)),
      [],
    )
    assert.deepEqual(
      sbom.dependencies.map(({ ref }) => ref),
      refs,
    )
  })

  test('is the same for the same lock file', async () => {
    assert.deepEqual(await softwareBillOfMaterials(ROOT, PRODUCT), sbom)
  })
})
