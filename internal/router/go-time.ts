/**
 * A moment as Go's `time.Time.String` prints it, in UTC: `2026-11-20 14:00:00.123456 +0000 UTC m=+12.345000000`.
 * The last part is the time since the start of the process, on its monotonic clock.
 */
export function goTime(epochMs: number, sinceStartMs: number): string {
  const whole = Math.floor(epochMs)
  const nanos = Math.round((epochMs - whole) * 1e6)
  const [date, time = ''] = new Date(whole).toISOString().split('T')
  const [seconds, millis = ''] = time.slice(0, -1).split('.')
  const fraction = `${millis}${String(nanos).padStart(6, '0')}`.replace(/0+$/, '')
  const clock = fraction === '' ? seconds : `${seconds}.${fraction}`
  return `${date} ${clock} +0000 UTC m=+${(sinceStartMs / 1000).toFixed(9)}`
}
