import type { OptionReader } from './read-options.ts'

export type Members = {
  /** `scheme://host:port` and a path without its last slash. */
  readonly members: readonly string[]
  /** What stood before the `@`, as the header of HTTP's basic authentication, by member. */
  readonly basic: readonly (string | undefined)[]
}

/** The addresses of a registry's members; user and password may stand in them and are taken out. */
export function memberUrls(
  options: OptionReader,
  key: string,
  otherwise: readonly string[],
  hide: (secret: string) => void,
): Members {
  const written = options.texts(key) ?? otherwise
  const wrong = () => options.wrong(key, 'addresses such as http://127.0.0.1:2379')
  const members: string[] = []
  const basic: (string | undefined)[] = []
  for (const address of written) {
    // The last `@` ends user and password: a password may hold others.
    const [, scheme, login, rest = ''] =
      /^\s*(https?:\/\/)(?:(.*)@)?([^@]*?)\/*\s*$/i.exec(address) ?? []
    const url = URL.parse(`${scheme}${rest}`)
    if (url === null || url.search + url.hash !== '' || url.hostname === '') throw wrong()
    members.push(url.href.replace(/\/+$/, ''))
    basic.push(login === undefined ? undefined : basicHeader(login, hide))
  }
  return { members, basic }
}

function basicHeader(login: string, hide: (secret: string) => void): string {
  const colon = login.indexOf(':')
  const user = decoded(colon < 0 ? login : login.slice(0, colon))
  const password = colon < 0 ? '' : decoded(login.slice(colon + 1))
  return basicAuthorization(user, password, hide)
}

/** The value of `Authorization`; the password and what it is written as are kept out of sight. */
export function basicAuthorization(
  user: string,
  password: string,
  hide: (secret: string) => void,
): string {
  const encoded = Buffer.from(`${user}:${password}`).toString('base64')
  hide(password)
  hide(encoded)
  return `Basic ${encoded}`
}

/** A password that is not percent-encoded is taken as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // A lone `%` is what it is.
  }
}
