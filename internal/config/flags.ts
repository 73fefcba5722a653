import type { JsonObject } from '../pipe/pipe.ts'

/** What command line flags set; they win over the environment, which wins over the file. */
export type Overrides = { readonly port?: number | undefined; readonly debug?: boolean | undefined }

/** The document as the flags change it: `-p` sets the port unless 0, `-d` adds the debug endpoint. */
export function withFlags(document: JsonObject, overrides: Overrides | undefined): JsonObject {
  const port = overrides?.port ? { port: overrides.port } : {}
  const debug = overrides?.debug ? { debug_endpoint: true } : {}
  return { ...document, ...port, ...debug }
}
