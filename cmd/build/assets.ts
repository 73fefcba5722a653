import { cp, glob } from 'node:fs/promises'
import path from 'node:path'

/** Copies what lies beside the sources and is read at run time (schemas, pages, scripts) to the same place below `to`. */
export async function copyAssets(root: string, to: string): Promise<string[]> {
  const copied: string[] = []
  for await (const file of glob('internal/**/*.*', {
    cwd: root,
    exclude: ['**/*.ts', '**/*.md'],
  })) {
    await cp(path.join(root, file), path.join(to, file))
    copied.push(file)
  }
  return copied
}
