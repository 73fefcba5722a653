import { bodyOf } from '../pipe/collect.ts'
import type { HeaderList } from '../pipe/pipe.ts'
import { answerFile, type FileAnswer } from './answer-file.ts'
import { type FoundFolder, folderAt } from './folder.ts'
import { listing } from './listing.ts'

/** A folder as a web site. */
export type Site = {
  /** Answers for a decoded path that starts with `/`; `undefined` when nothing there may be served. */
  answer(path: string, asked: HeaderList): Promise<FileAnswer | undefined>
}

const INDEX = 'index.html'

/** Serves the folder at `path`: files, `index.html` of folders, and with `lists` a page for folders without one. */
export function siteAt(path: string, { lists }: { readonly lists: boolean }): Site {
  const folder = folderAt(path, { hasDotFiles: false })
  return {
    async answer(wanted, asked) {
      const found = await folder.find(wanted)
      if (found === undefined) return undefined
      // A file's name with a `/` behind it is no file.
      if (found.kind === 'file') return wanted.endsWith('/') ? undefined : answerFile(found, asked)
      if (!wanted.endsWith('/')) return toFolder(wanted)
      const index = await folder.find(`${wanted}${INDEX}`)
      if (index?.kind === 'file') return answerFile(index, asked)
      return lists ? page(found) : undefined
    },
  }
}

/** Links of an index page are relative to its folder, so the path must end with `/`. */
const toFolder = (path: string): FileAnswer => ({
  status: 301,
  headers: ['Location', `./${encodeURIComponent(path.slice(path.lastIndexOf('/') + 1))}/`],
  body: undefined,
})

async function page(found: FoundFolder): Promise<FileAnswer> {
  const bytes = Buffer.from(await listing(found.path))
  return {
    status: 200,
    headers: ['Content-Type', 'text/html; charset=utf-8', 'Content-Length', String(bytes.length)],
    body: bodyOf(bytes),
  }
}
