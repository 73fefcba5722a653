import { RE2JS } from 're2js'
import { type Func, type FuncMap, func } from '../func.ts'
import { quoteGo } from '../quote.ts'
import { List } from '../value.ts'

type Match = {
  readonly start: number
  readonly end: number
  readonly group: (name: string) => string
}

/** A pattern RE2 does not take. */
class PatternError extends Error {
  override readonly name = 'PatternError'
}

/** sprig's regular expressions, in RE2 as in Go. */
export const regex: FuncMap = {
  ...both(
    'regexFind',
    func(['string', 'string'], (pattern, text) => find(pattern, text, 1)[0] ?? ''),
  ),
  ...both(
    'regexFindAll',
    func(['string', 'string', 'int'], (pattern, text, limit) =>
      foundList(find(pattern, text, limit)),
    ),
  ),
  ...both(
    'regexReplaceAll',
    func(['string', 'string', 'string'], (pattern, text, replacement) =>
      replace(pattern, text, (match) => expand(replacement, match)),
    ),
  ),
  ...both(
    'regexReplaceAllLiteral',
    func(['string', 'string', 'string'], (pattern, text, replacement) =>
      replace(pattern, text, () => replacement),
    ),
  ),
  ...both(
    'regexSplit',
    func(['string', 'string', 'int'], (pattern, text, limit) =>
      foundList(split(pattern, text, limit)),
    ),
  ),
  mustRegexMatch: func(['string', 'string'], (pattern, text) => matches(pattern, text).length > 0),
  regexMatch: func(['string', 'string'], (pattern, text) => {
    try {
      return compile(pattern).matcher(text).find()
    } catch {
      // sprig: a pattern that does not compile matches nothing; only mustRegexMatch tells.
      return false
    }
  }),
  regexQuoteMeta: func(['string'], (text) => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
}

/** The plain name panics on a pattern that does not compile, which only words the error differently. */
function both(name: string, fn: Func): FuncMap {
  const plain: Func = {
    ...fn,
    call: (args) => {
      try {
        return fn.call(args)
      } catch (error) {
        if (!(error instanceof PatternError)) throw error
        const pattern = String(args[0])
        const quoted = /[`\n\r]/.test(pattern) ? quoteGo(pattern) : `\`${pattern}\``
        throw new Error(`regexp: Compile(${quoted}): ${error.message}`, { cause: error })
      }
    },
  }
  return { [name]: plain, [`must${name.charAt(0).toUpperCase()}${name.slice(1)}`]: fn }
}

/** No match at all is a nil slice in Go. */
function foundList(found: readonly string[]): List {
  return new List(found, 'string', found.length === 0)
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // Go names the piece it stumbled over, and that is nothing at the end.
    const reason = message.includes('`') ? message : `${message}: \`\``
    throw new PatternError(
      `error parsing regexp: ${reason.replace(/^error parsing regexp: /, '')}`,
      {
        cause: error,
      },
    )
  }
}

/** All matches as Go finds them: an empty one right after another match does not count. */
function matches(pattern: string, text: string, limit = -1): Match[] {
  const expression = compile(pattern)
  const names = expression.namedGroups()
  const matcher = expression.matcher(text)
  const found: Match[] = []
  let previousEnd = -1
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()]
    if (start === end && start === previousEnd) continue
    previousEnd = end
    const groups = Array.from(
      { length: matcher.groupCount() + 1 },
      (_, i) => matcher.group(i) ?? '',
    )
    const group = (name: string): string => {
      const number = /^\d+$/.test(name)
        ? Number(name)
        : Object.hasOwn(names, name)
          ? names[name]
          : undefined
      return number === undefined ? '' : (groups[number] ?? '')
    }
    found.push({ start, end, group })
  }
  return found
}

function find(pattern: string, text: string, limit: number): string[] {
  return matches(pattern, text, limit).map((match) => match.group('0'))
}

function replace(pattern: string, text: string, replacement: (match: Match) => string): string {
  let output = ''
  let position = 0
  for (const match of matches(pattern, text)) {
    output += text.slice(position, match.start) + replacement(match)
    position = match.end
  }
  return output + text.slice(position)
}

/** Go's Expand: `$1`, `${1}`, `$name`; a name is as long as it can be, `$$` is a dollar. */
function expand(template: string, match: Match): string {
  return template.replace(
    /\$(?:\$|\{(\w+)\}|(\w+))/g,
    (whole, braced: string | undefined, bare) => {
      if (whole === '$$') return '$'
      return match.group(braced ?? bare ?? '')
    },
  )
}

function split(pattern: string, text: string, limit: number): string[] {
  if (limit === 0) return []
  if (pattern !== '' && text === '') return ['']
  const parts: string[] = []
  let [start, end] = [0, 0]
  for (const match of matches(pattern, text, limit)) {
    if (limit > 0 && parts.length === limit - 1) break
    end = match.start
    if (match.end !== 0) parts.push(text.slice(start, end))
    start = match.end
  }
  if (end !== text.length) parts.push(text.slice(start))
  return parts
}
