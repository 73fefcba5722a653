/** `/users/{id}` as KrakenD's router writes it: `/users/:id`. */
export function routeOf(endpoint: string): string {
  return endpoint.replace(/\{([\w\-.:/]+)\}/g, ':$1')
}

/** A backend's `url_pattern` as KrakenD's telemetry names it: `/u/:id`, in small letters. */
export function patternOf(urlPattern: string): string {
  return urlPattern.replace(/\{([\w\-.:/]+)\}/g, (_all, name: string) => `:${name.toLowerCase()}`)
}
