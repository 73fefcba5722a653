import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { objectIn } from '../object-in.ts'
import { type Environment, NotHere, resourceOf, type Way } from './way.ts'

const LIMIT_MS = 10_000
const SECOND_MS = 1000
const run = promisify(execFile)

/** Whoever is logged in at Azure's command line, on the machine of somebody who works on it. */
export const commandLine = (env: Environment, scope: string): Way => ({
  name: 'AzureCLICredential',
  async grant(_client, nowMs) {
    const { accessToken, expires_on, expiresOn } = objectIn(await printed(env, scope)) ?? {}
    if (typeof accessToken !== 'string') throw new NotHere('az printed no token')
    const endsMs = Number(expires_on) * SECOND_MS || Date.parse(String(expiresOn)) || nowMs
    return { token: accessToken, endsMs }
  },
})

async function printed(env: Environment, scope: string): Promise<string> {
  const words = ['account', 'get-access-token', '-o', 'json', '--resource', resourceOf(scope)]
  try {
    return (await run('az', words, { env: { ...env }, timeout: LIMIT_MS })).stdout
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new NotHere(isMissing ? 'az is not installed' : 'az gave no token: is it logged in?', {
      cause,
    })
  }
}
