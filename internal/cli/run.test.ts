import { commandTests, scratchFolder } from '../../test/support/run-command.ts'

const { path, file } = scratchFolder()
const VALID = file('valid.json', { version: 3 })
const BROKEN = file('broken.json', '{"version": 3,')
const MISSING = /^Please, provide the path to the configuration file with --config/

commandTests('run', path, [
  { name: 'run without a file asks for it and fails', words: ['run'], status: 1, err: [MISSING] },
  {
    name: 'run -c of a broken file fails with 255',
    words: ['run', '-c', BROKEN],
    status: 255,
    err: [/^ERROR parsing the configuration file: '.*broken\.json': unexpected end of JSON input/],
  },
  {
    name: 'flags without a command mean run',
    words: ['-c', BROKEN],
    status: 255,
    err: [/^ERROR parsing the configuration file: /],
  },
  {
    name: 'flags may stand before the command',
    words: ['-c', BROKEN, 'run'],
    status: 255,
    err: [/^ERROR parsing the configuration file: /],
  },
  {
    name: 'the file may come from the environment',
    words: ['run'],
    env: { GATEWAY_CONFIG: BROKEN },
    status: 255,
    err: [/broken\.json/],
  },
  {
    name: 'run -p refuses what is no port',
    words: ['run', '-p', '70000', '-c', VALID],
    status: 255,
    err: [/invalid argument "70000" for "-p, --port"/],
  },
  {
    name: 'run refuses a setting it cannot use',
    words: ['run', '--workers', 'many', '-c', VALID],
    status: 255,
    err: [/--workers is no whole number; allowed: .*"many"/],
  },
  {
    name: 'run warns of a misspelt variable',
    words: ['run', '-c', BROKEN],
    env: { GATEWAY_WORKER: '2' },
    status: 255,
    err: [/^WARNING: .*GATEWAY_WORKER .*did you mean GATEWAY_WORKERS\?/],
  },
  {
    name: 'a value that is the letter of its flag stays a value',
    words: ['-cc', 'check'],
    status: 1,
    err: [/^Parsing configuration file: c\n/],
  },
])
