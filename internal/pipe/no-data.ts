import type { DataResponse } from './pipe.ts'

/** An answer of which nothing came. */
export const NO_DATA: DataResponse = Object.freeze({
  kind: 'data',
  data: {},
  sources: [],
  isComplete: false,
  status: 0,
  headers: [],
  errors: [],
})
