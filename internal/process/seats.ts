/** Numbers 0 to `count` - 1 for the threads that run at a time: a thread that takes another's place takes its seat. */
export type Seats = {
  /** The lowest free one. Throws a `RangeError` when all are taken. */
  take(): number
  giveBack(seat: number): void
}

export function seats(count: number): Seats {
  const isTaken: boolean[] = new Array(count).fill(false)
  return {
    take() {
      const seat = isTaken.indexOf(false)
      if (seat < 0) throw new RangeError(`all ${count} seats of request threads are taken`)
      isTaken[seat] = true
      return seat
    },
    giveBack(seat) {
      isTaken[seat] = false
    },
  }
}
