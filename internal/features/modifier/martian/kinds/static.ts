import nodePath from 'node:path'
import { discard } from '../../../../client/redirect.ts'
import { contentTypeOf } from '../../../../static-files/content-type.ts'
import { type Folder, fileBody, folderAt } from '../../../../static-files/folder.ts'
import type { Answer } from '../message.ts'
import type { Modifier } from '../modifier.ts'
import type { Settings } from '../settings.ts'
import { partOf } from './range.ts'

const NOT_FOUND = 404

/**
 * Answers with a file instead of calling the upstream: that of `explicitPaths` for this path, otherwise the one at the
 * same path below `rootPath`; nothing outside of it. Without the request's scope the upstream is called first.
 */
export function staticFiles(settings: Settings): Modifier {
  const folder = folderOf(settings)
  const explicit = settings.value('explicitPaths') ?? {}
  if (
    typeof explicit !== 'object' ||
    Array.isArray(explicit) ||
    !Object.values(explicit).every((each) => typeof each === 'string')
  )
    throw settings.wrong('explicitPaths', 'a value of another type', 'paths by path')
  const paths = new Map(Object.entries(explicit as Record<string, string>))
  return {
    call(call) {
      call.skipsCall = true
    },
    async answer(answer) {
      const wanted = nodePath.posix.normalize(answer.call.decodedPath)
      await serve(folder, paths.get(wanted) ?? wanted, answer)
    },
  }
}

function folderOf(settings: Settings): Folder {
  const root = settings.text('rootPath')
  if (root === '') throw settings.wrong('rootPath', 'is missing', 'a folder')
  try {
    return folderAt(root, { hasDotFiles: true })
  } catch (error) {
    throw settings.wrong('rootPath', error instanceof Error ? error.message : String(error))
  }
}

async function serve(folder: Folder, wanted: string, answer: Answer): Promise<void> {
  const found = await folder.find(wanted)
  if (found?.kind !== 'file') {
    answer.status = NOT_FOUND
    return
  }
  const part = partOf(answer, found.sizeBytes)
  discard(answer.toReply())
  answer.headers.set('Content-Type', contentTypeOf(found.path) ?? '')
  answer.headers.remove('Content-Encoding')
  const { start, length } = part ?? { start: 0, length: 0 }
  answer.replaceBody(fileBody(found, start, length), length)
}
