import { posix } from 'node:path'
import { type FuncMap, func } from '../func.ts'

const base = func(['string'], (path) => {
  if (path === '') return '.'
  return path.replace(/\/+$/, '').split('/').at(-1) || '/'
})
const dir = func(['string'], (path) => clean(path.slice(0, path.lastIndexOf('/') + 1)))
const ext = func(['string'], (path) => /\.[^./]*$/.exec(path)?.[0] ?? '')
const cleanPath = func(['string'], clean)
const isAbs = func(['string'], (path) => path.startsWith('/'))

/** sprig's paths; the `os` ones are those of Linux. */
export const paths: FuncMap = {
  base,
  dir,
  ext,
  clean: cleanPath,
  isAbs,
  osBase: base,
  osDir: dir,
  osExt: ext,
  osClean: cleanPath,
  osIsAbs: isAbs,
}

/** path.Clean: the shortest name for the same place, without a slash at the end. */
export function clean(path: string): string {
  const normal = posix.normalize(path)
  return normal.length > 1 ? normal.replace(/\/$/, '') : normal
}
