import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build, type Plugin } from 'esbuild'
import { COMPILED } from './compiled.ts'

/** What the operating system or a `Worker` starts: each becomes a file that imports its bundle. */
const FOLDER = 'bundle'
const ENTRIES = ['cmd/gateway/main.js', 'internal/process/request-thread.js']

/**
 * Joins what the entries import into a few files in `dist/bundle`: a start reads some ten files instead
 * of hundreds, which halves its CPU time and saves 15 MB. Packages stay outside, and code that is only sometimes
 * needed stays in files of its own.
 */
export async function bundle(dist: string): Promise<void> {
  await build({
    entryPoints: ENTRIES.map((entry) => ({ in: path.join(dist, entry), out: nameOf(entry) })),
    outdir: path.join(dist, FOLDER),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    packages: 'external',
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
    plugins: [ownPlace(dist)],
  })
  for (const entry of ENTRIES) await writeFile(path.join(dist, entry), await stub(dist, entry))
}

const nameOf = (entry: string): string => path.basename(entry, '.js')

async function stub(dist: string, entry: string): Promise<string> {
  const [firstLine = ''] = (await readFile(path.join(dist, entry), 'utf8')).split('\n', 1)
  const shebang = firstLine.startsWith('#!') ? `${firstLine}\n` : ''
  const up = path.relative(path.dirname(entry), '.')
  return `${shebang}import module from 'node:module'

try {
  const directory = import.meta.dirname + '/${up}/${COMPILED}'
  module.enableCompileCache({ directory, portable: true })
} catch {
  // A Node that cannot keep compiled code compiles it at each start.
}
await import('${up}/${FOLDER}/${nameOf(entry)}.js')
`
}

/** A module in a bundle still finds what lies beside its own file: schemas, the validator, the thread's entry. */
const ownPlace = (dist: string): Plugin => ({
  name: 'own-place',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8')
      if (!source.includes('import.meta.url')) return undefined
      const place = JSON.stringify(path.relative(path.join(dist, FOLDER), file))
      const contents = source.replaceAll(
        'import.meta.url',
        `new URL(${place}, import.meta.url).href`,
      )
      return { contents, loader: 'js' }
    })
  },
})
