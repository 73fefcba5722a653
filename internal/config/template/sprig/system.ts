import { type FuncMap, func } from '../func.ts'

/** sprig's access to the environment. */
export function system(env: NodeJS.ProcessEnv): FuncMap {
  const read = (name: string): string => (Object.hasOwn(env, name) ? (env[name] ?? '') : '')
  return {
    env: func(['string'], read),
    expandenv: func(['string'], (text) => expand(text, read)),
    getHostByName: func(['string'], (name) => {
      throw new Error(
        `getHostByName ${JSON.stringify(name)}: templates do not ask the DNS here; put the name into "host", or use "sd": "dns"`,
      )
    }),
  }
}

/** os.ExpandEnv: `$NAME`, `${NAME}` and single special characters; a `$` before anything else stays. */
function expand(text: string, read: (name: string) => string): string {
  return text.replace(
    /\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*|[0-9*#$@!?-])|(\{))?/g,
    (whole, braced, bare, open) => {
      if (open !== undefined) return ''
      if (braced === '') return ''
      const name = braced ?? bare
      return name === undefined ? whole : read(String(name))
    },
  )
}
