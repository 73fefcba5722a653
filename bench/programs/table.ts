import { gateway } from './gateway.ts'
import { haproxy } from './haproxy.ts'
import { krakend } from './krakend.ts'
import { nginx } from './nginx.ts'
import type { Program } from './program.ts'

/** Who can take part. */
export const programs = { gateway, nginx, haproxy, krakend } as const satisfies Record<
  string,
  Program
>

export type ProgramName = keyof typeof programs
