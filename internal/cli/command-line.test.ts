import { commandTests, scratchFolder } from '../../test/support/run-command.ts'

const { path, file } = scratchFolder()
const VALID = file('valid.json', { version: 3 })

commandTests('the command line', path, [
  {
    name: 'help is the answer to nothing at all',
    words: [],
    status: 0,
    out: [/^Version: [\s\S]*Available Commands:\n {2}audit /],
  },
  {
    name: 'help lists the commands on stdout',
    words: ['help'],
    status: 0,
    out: [/ {2}check-plugin /],
  },
  {
    name: 'help describes a command',
    words: ['help', 'check'],
    status: 0,
    out: [/-s, --lint-schema string/],
  },
  {
    name: 'help finds a command by its alias',
    words: ['help', 'validate'],
    status: 0,
    out: [/Usage:\n {2}gateway check/],
  },
  {
    name: 'help of an unknown topic goes to stderr',
    words: ['help', 'nope'],
    status: 0,
    err: [/^Unknown help topic \[`nope`\]\n/],
  },
  {
    name: '--help after a command describes it',
    words: ['run', '--help'],
    status: 0,
    out: [/-p, --port int/, /--dns-servers string/],
  },
  {
    name: 'version prints the compatible version and the own one',
    words: ['version'],
    status: 0,
    err: [
      /^KrakenD Version: 2\.13\.8\nGo Version: .+\nGlibc Version: .+\nGateway Version: \d+\.\d+\.\d+/,
    ],
  },
  {
    name: 'schema prints JSON on stdout',
    words: ['schema'],
    status: 0,
    out: [/^\{\n {2}"\$schema": /, /"endpoints"/],
  },
  {
    name: 'check-plugin has nothing to do',
    words: ['check-plugin', '-g', '1.19', '-f'],
    status: 0,
    err: [/^Nothing to check: .*\nNo incompatibilities found!\n$/],
  },
  {
    name: "an unknown command fails in cobra's words",
    words: ['start', '-c', VALID],
    status: 255,
    err: [/unknown command "start" for "krakend"/],
  },
  {
    name: 'an unknown command near a known one names that',
    words: ['chek'],
    status: 255,
    err: [/Did you mean this\?\n\tcheck\n/],
  },
  {
    name: 'an unknown flag fails and shows the usage',
    words: ['check', '--nope'],
    status: 255,
    err: [/^Error: unknown flag: --nope\nUsage:\n/],
  },
  {
    name: 'two ways to lint exclude each other',
    words: ['check', '-ln', '-c', VALID],
    status: 255,
    err: [
      /\[lint lint-no-network lint-schema\] are set none of the others can be; \[lint lint-no-network\] were all set/,
    ],
  },
])
