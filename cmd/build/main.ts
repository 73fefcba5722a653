import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { writeValidator } from '../../internal/config/compile.ts'
import { copyAssets } from './assets.ts'
import { bundle } from './bundle.ts'
import { keepCompiledCode } from './compiled.ts'
import { thirdPartyNotices } from './notices.ts'
import { type Product, softwareBillOfMaterials } from './sbom.ts'

// make build [--out FOLDER]: dist/ as it is packed and run in production, and the papers that go with it.
const ROOT = path.resolve(import.meta.dirname, '../..')
const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist' } } })
const DIST = path.resolve(ROOT, values.out)
/** Where it grows, so that a build that fails leaves the last one as it is. */
const STAGE = path.join(ROOT, `.cache/stage-${process.pid}`)
const EXECUTABLE = 0o755

function compile(): void {
  const tsc = path.join(ROOT, 'node_modules/.bin/tsc')
  const project = path.join(import.meta.dirname, 'tsconfig.json')
  const { status } = spawnSync(tsc, ['-p', project, '--outDir', STAGE], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  if (status === 0) return
  rmSync(STAGE, { recursive: true, force: true })
  process.exit(status ?? 1)
}

const product = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as Product
await rm(STAGE, { recursive: true, force: true })
compile()
const assets = await copyAssets(ROOT, STAGE)
await writeValidator(path.join(STAGE, 'internal/config/validator.js'))
await bundle(STAGE)
await chmod(path.join(STAGE, 'cmd/gateway/main.js'), EXECUTABLE)
const sbom = await softwareBillOfMaterials(ROOT, product)
await writeFile(path.join(STAGE, 'sbom.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`)
if (values.out === 'dist')
  await writeFile(path.join(ROOT, 'THIRD-PARTY-NOTICES.md'), await thirdPartyNotices(ROOT))
await rm(DIST, { recursive: true, force: true })
await rename(STAGE, DIST)
await keepCompiledCode(DIST)
process.stdout.write(
  `${values.out}: ${product.name} ${product.version}, ${assets.length} schemas and assets, ${sbom.components.length} packages in sbom.cdx.json\n`,
)
