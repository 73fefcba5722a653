/** The oldest Node that runs the gateway; `engines` in package.json says the same. */
const OLDEST_MAJOR = 24

/** What to tell somebody whose Node is too old to run the gateway; `undefined` when it is not. */
export function tooOld(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= OLDEST_MAJOR) return undefined
  return `gateway needs Node ${OLDEST_MAJOR} or later; this is ${version}.
npm brings one along: npm install node@26 ./gateway-*.tgz && npx gateway -c krakend.json
`
}
