const SUPPORTED: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** Methods an endpoint can have. */
export const ENDPOINT_METHODS: readonly string[] = [...SUPPORTED]

export function isSupportedMethod(method: string): boolean {
  return SUPPORTED.has(method)
}
