/** A backend's `url_pattern` as KrakenD's telemetry names it: `/u/:id`, in small letters. */
export function patternOf(urlPattern: string): string {
  return urlPattern.replace(/\{([\w\-.:/]+)\}/g, (_all, name: string) => `:${name.toLowerCase()}`)
}
