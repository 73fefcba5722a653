/** Writes the lines of a dump: indented, with colours on a terminal. */
export type Paint = {
  /** What stands before every line of one step further in. */
  readonly indent: string
  /** How much is shown: 1 to 3, as `-d` is repeated. */
  readonly level: number
  colour(name: Colour, text: string): string
  methodColour(method: string, text: string): string
}

export type Colour = keyof typeof CODES

const CODES = {
  green: '\u001b[32;1m',
  white: '\u001b[37;1m',
  yellow: '\u001b[33;1m',
  red: '\u001b[31;1m',
  blue: '\u001b[34;1m',
  magenta: '\u001b[36;1m',
  cyan: '\u001b[36;1m',
  none: '',
} as const
const RESET = '\u001b[0m'

const METHOD_COLOURS: ReadonlyMap<string, Colour> = new Map([
  ['GET', 'blue'],
  ['POST', 'cyan'],
  ['PUT', 'yellow'],
  ['DELETE', 'red'],
  ['PATCH', 'green'],
  ['HEAD', 'magenta'],
  ['OPTIONS', 'white'],
])

export function paint(options: { indent: string; level: number; colours: boolean }): Paint {
  const colour = (name: Colour, text: string): string =>
    options.colours ? CODES[name] + text + RESET : text
  return {
    indent: options.indent,
    level: options.level,
    colour,
    // A method and the path after it share one reset, as KrakenD prints them.
    methodColour: (method, path) =>
      options.colours
        ? `${CODES[METHOD_COLOURS.get(method) ?? 'none']}${method}${CODES.cyan} ${path}${RESET}`
        : `${method} ${path}`,
  }
}
