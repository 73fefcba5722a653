import type { Ask } from '../client/small-fetch.ts'

/** A form, as OAuth's token servers take it. */
export const formAsk = (
  url: string,
  fields: Readonly<Record<string, string>>,
  headers: readonly string[] = [],
): Ask => ({
  method: 'POST',
  url,
  headers: ['Content-Type', 'application/x-www-form-urlencoded', ...headers],
  body: new URLSearchParams(fields).toString(),
})
