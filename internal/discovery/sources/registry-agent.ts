import type { Agent } from 'undici'
import { undici } from '../../undici.ts'
import { tlsContext } from './tls-context.ts'
import { watchedFile } from './watched-file.ts'

/** Files in PEM, read again when they change. */
export type TlsFiles = {
  /** Who vouches for the registry; the authorities of this machine when absent. */
  readonly caFile?: string | undefined
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
}

/** Connections to a registry; changed TLS files make new ones, and the old ones close when their calls are done. */
export function agents(connectMs: number, isTls: boolean, { caFile, certFile, keyFile }: TlsFiles) {
  const files = [caFile, certFile, keyFile].map((file) =>
    file === undefined ? async () => undefined : watchedFile(file, (bytes) => bytes.toString()),
  )
  let agent: Agent | undefined
  let last: readonly (string | undefined)[] = []

  function renewed([ca, cert, key]: readonly (string | undefined)[]): Agent {
    const tls = isTls ? { secureContext: tlsContext({ ca, cert, key }) } : {}
    const { Agent } = undici()
    return new Agent({ allowH2: false, connect: { timeout: connectMs, ...tls } })
  }

  return {
    async current(): Promise<Agent> {
      const texts = await Promise.all(files.map((read) => read()))
      if (agent !== undefined && texts.every((text, at) => text === last[at])) return agent
      const next = renewed(texts)
      // Nobody waits for the old one: it closes by itself.
      agent?.close().catch(() => {})
      last = texts
      agent = next
      return next
    },
    /** Breaks what is under way. */
    async close(): Promise<void> {
      await agent?.destroy()
      agent = undefined
    },
  }
}
