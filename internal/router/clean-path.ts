/**
 * The canonical form of a path: one slash between segments, `.` and `..` resolved, never above the root.
 * A trailing slash stays, and `/.` at the end counts as one (gin's `cleanPath`).
 */
export function cleanPath(path: string): string {
  if (isClean(path)) return path
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const isOpen = path.endsWith('/') || path.endsWith('/.')
  return kept.length === 0 ? '/' : `/${kept.join('/')}${isOpen ? '/' : ''}`
}

function isClean(path: string): boolean {
  if (!path.startsWith('/')) return false
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    const next = path.charAt(at + 1)
    if (next === '/') return false
    if (next === '.' && isDots(path, at + 1)) return false
  }
  return true
}

/** Whether the segment at `start` is `.` or `..`. */
function isDots(path: string, start: number): boolean {
  const slash = path.indexOf('/', start)
  const segment = path.slice(start, slash < 0 ? path.length : slash)
  return segment === '.' || segment === '..'
}
