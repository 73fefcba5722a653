import { audit } from './audit.ts'
import { check } from './check.ts'
import { checkPlugin } from './check-plugin.ts'
import type { Command } from './command.ts'
import { discover } from './discover.ts'
import { help } from './help.ts'
import { openapi } from './openapi.ts'
import { run } from './run.ts'
import { schema } from './schema.ts'
import { testPlugin } from './test-plugin.ts'
import { version } from './version.ts'

/** Every command. A further one is one file and one line here. */
export const commands: readonly Command[] = [
  run,
  check,
  audit,
  discover,
  openapi,
  checkPlugin,
  testPlugin,
  version,
  schema,
  help,
]
