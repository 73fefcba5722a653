import { readdir } from 'node:fs/promises'

/** More names than this are not shown: nobody reads them, and every request would pay for them. */
const MAX_NAMES = 10_000

/** A page with links to what may be served of a folder: folders and files, without dot files and symbolic links. */
export async function listing(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries
    .filter((entry) => !entry.name.startsWith('.') && (entry.isFile() || entry.isDirectory()))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .filter((name) => name.isWellFormed())
    .sort()
    .slice(0, MAX_NAMES)
  const lines = names.map((name) => `<li><a href="./${href(name)}">${escapeHtml(name)}</a></li>\n`)
  return `<!doctype html>\n<meta charset="utf-8">\n<title>Files</title>\n<ul>\n${lines.join('')}</ul>\n`
}

const href = (name: string): string => encodeURIComponent(name).replace(/%2F$/, '/')

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string)
