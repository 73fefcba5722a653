import type { Agent } from 'undici'
import { undici } from '../../undici.ts'
import { watchedFile } from './watched-file.ts'

/** Files in PEM, read again when they change. */
export type TlsFiles = {
  /** Who vouches for the registry; the system's authorities when absent. */
  readonly caFile?: string | undefined
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
}

/** Connections to a registry; changed TLS files make new ones, and the old ones close when their calls are done. */
export function agents(connectMs: number, { caFile, certFile, keyFile }: TlsFiles) {
  const files = [caFile, certFile, keyFile].map((file) =>
    file === undefined ? async () => undefined : watchedFile(file, (bytes) => bytes.toString()),
  )
  let agent: Agent | undefined
  let last: readonly (string | undefined)[] = []

  function renewed([ca, cert, key]: readonly (string | undefined)[]): Agent {
    const tls = {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    }
    const { Agent } = undici()
    return new Agent({ allowH2: false, connect: { timeout: connectMs, ...tls } })
  }

  return {
    async current(): Promise<Agent> {
      const texts = await Promise.all(files.map((read) => read()))
      if (agent !== undefined && texts.every((text, at) => text === last[at])) return agent
      // Nobody waits for the old one: it closes by itself.
      agent?.close().catch(() => {})
      last = texts
      agent = renewed(texts)
      return agent
    },
    /** Breaks what is under way. */
    async close(): Promise<void> {
      await agent?.destroy()
      agent = undefined
    },
  }
}
