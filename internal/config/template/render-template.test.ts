import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ConfigError, type ConfigProblem } from '../../errors.ts'
import { type Rendered, renderTemplate } from './render-template.ts'

/** Writes files into a folder of its own and renders `gateway.conf` there. */
function render(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  env: (folder: string) => NodeJS.ProcessEnv = () => ({}),
): Rendered & { folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'render-template-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return { ...renderTemplate({ file: join(folder, 'gateway.conf'), env: env(folder) }), folder }
}

function problemOf(run: () => unknown): ConfigProblem {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    const [problem] = error.problems
    assert.ok(problem)
    return problem
  }
  return assert.fail('nothing was thrown')
}

const settings = (folder: string): NodeJS.ProcessEnv => ({ FC_SETTINGS: join(folder, 'settings') })

test('every JSON file directly in the settings folder becomes a variable, others are ignored', (t) => {
  const { text } = render(
    t,
    {
      'gateway.conf': '{{ .svc.name }} {{ keys . }}',
      'settings/svc.json': '{"name":"shop"}',
      'settings/notes.txt': 'no json',
      'settings/more.json.bak': 'no json',
      'settings/deeper/other.json': '{}',
    },
    settings,
  )
  assert.equal(text, 'shop [svc]')
})

test('include inserts a partial as it is, with its last line break, and nothing for a missing one', (t) => {
  const { text } = render(
    t,
    {
      'gateway.conf': '<{{ include "a.txt" }}|{{ include "none" }}>',
      'partials/a.txt': '{{ raw }}\n',
    },
    (folder) => ({ FC_PARTIALS: join(folder, 'partials') }),
  )
  assert.equal(text, '<{{ raw }}\n|>')
})

test('templates are addressed by file name, and may call each other', (t) => {
  const { text } = render(
    t,
    {
      'gateway.conf': '{{ template "a.tmpl" "x" }}{{ template "inner" }}',
      'templates/a.tmpl': '[{{ . }}{{ template "b.tmpl" 5 }}]',
      'templates/b.tmpl': '<{{ . }}>{{ define "inner" }}i{{ end }}',
      'templates/c.txt': '{{ broken',
    },
    (folder) => ({ FC_TEMPLATES: join(folder, 'templates') }),
  )
  assert.equal(text, '[x<5>]i')
})

test('an error in a called template names that file', (t) => {
  const files = {
    'gateway.conf': '{{ template "a.tmpl" . }}',
    'templates/a.tmpl': 'one\ntwo {{ .nothing }}',
  }
  const problem = problemOf(() =>
    render(t, files, (folder) => ({ FC_TEMPLATES: join(folder, 'templates') })),
  )
  assert.equal(
    problem.message,
    'Found error while executing template: template: a.tmpl:2:7: executing "a.tmpl" at <.nothing>: map has no entry for key "nothing"',
  )
  assert.match(problem.place.file ?? '', /templates\/a\.tmpl$/)
  assert.deepEqual([problem.place.line, problem.place.column], [2, 8])
})

test('a template file that does not parse is told as such', (t) => {
  const files = { 'gateway.conf': '', 'templates/a.tmpl': '{{ if }}' }
  const problem = problemOf(() =>
    render(t, files, (folder) => ({ FC_TEMPLATES: join(folder, 'templates') })),
  )
  assert.equal(
    problem.message,
    'Error parsing sub-templates: template: a.tmpl:1: missing value for if',
  )
})

test('an unknown function stops the start with the words of KrakenD, file and line', (t) => {
  const problem = problemOf(() =>
    render(t, { 'gateway.conf': '{\n"name": "{{ nosuchfunction }}" }' }),
  )
  assert.equal(
    problem.message,
    'Unable to parse configuration file: template: gateway.conf:2: function "nosuchfunction" not defined',
  )
  assert.equal(problem.place.line, 2)
})

test('settings that are no JSON objects are all listed, with the reason and the place', (t) => {
  const files = {
    'gateway.conf': '',
    'settings/a.json': '{ "a": tru }',
    'settings/b.json': '\n[1]',
    'settings/c.json': '{}',
    'settings/d.json': '',
  }
  const problem = problemOf(() => render(t, files, settings))
  assert.equal(
    problem.message,
    [
      'loading flexible-config settings:',
      "\t- a.json: invalid character ' ' in literal true (expecting 'e') (line 1, column 11)",
      '\t- b.json: json: cannot unmarshal array into Go value of type map[string]interface {} (line 1, column 1)',
      '\t- d.json: unexpected end of JSON input (line 1, column 1)',
    ].join('\n'),
  )
  assert.deepEqual(problem.place, {})
})

test('folders that do not exist are listed', (t) => {
  const env = (): NodeJS.ProcessEnv => ({ FC_SETTINGS: '/nowhere/s', FC_TEMPLATES: '/nowhere/t' })
  const problem = problemOf(() => render(t, { 'gateway.conf': '' }, env))
  assert.equal(
    problem.message,
    'loading flexible-config settings:\n\t- /nowhere/s: open /nowhere/s: no such file or directory\n\t- /nowhere/t: open /nowhere/t: no such file or directory',
  )
})

test('FC_OUT gets the rendered text and decides the format', (t) => {
  const { folder, file } = render(t, { 'gateway.conf': 'version: {{ 3 }}' }, (folder) => ({
    FC_OUT: join(folder, 'out.yaml'),
  }))
  assert.equal(file, join(folder, 'out.yaml'))
  assert.equal(readFileSync(file, 'utf8'), 'version: 3')
})

test('without FC_OUT the format is JSON and nothing is written', (t) => {
  const { file } = render(t, { 'gateway.conf': '{}' })
  assert.match(file, /\.json$/)
  assert.throws(() => readFileSync(file), { code: 'ENOENT' })
})

test('an FC_OUT that cannot be written stops the start', (t) => {
  const problem = problemOf(() =>
    render(t, { 'gateway.conf': '{}' }, () => ({ FC_OUT: '/nowhere/out.json' })),
  )
  assert.match(problem.message, /rendered configuration: open \/nowhere\/out\.json: no such file/)
})

test('sources names every file that was read or looked for', (t) => {
  const { sources, folder } = render(
    t,
    {
      'gateway.conf': '{{ include "p" }}{{ include "absent" }}',
      'settings/s.json': '{}',
      'partials/p': '',
      'templates/t.tmpl': '',
    },
    (folder) => ({
      FC_SETTINGS: join(folder, 'settings'),
      FC_PARTIALS: join(folder, 'partials'),
      FC_TEMPLATES: join(folder, 'templates'),
    }),
  )
  assert.deepEqual(
    sources.map((source) => source.slice(folder.length + 1)),
    ['gateway.conf', 'settings/s.json', 'templates/t.tmpl', 'partials/p', 'partials/absent'],
  )
})

test('a configuration file that does not exist is an error of its own', () => {
  const problem = problemOf(() => renderTemplate({ file: '/nowhere/gateway.conf', env: {} }))
  assert.equal(
    problem.message,
    'Unable to parse configuration file: open /nowhere/gateway.conf: no such file or directory',
  )
})

for (const [template, key] of [
  ['{{ .svc.nothing }}', 'nothing'],
  ['{{ .svc.nothing.deeper }}', 'nothing'],
  ['{{ $x := .svc.nothing }}{{ $x }}', 'nothing'],
  ['{{ .other.name }}', 'other'],
  ['{{ index .svc "nothing" }}', 'nothing'],
  ['{{ ternary .svc.nothing "b" true }}', 'nothing'],
  ['{{ html .svc.nothing }}', 'nothing'],
  ['{{ .svc.constructor }}', 'constructor'],
  ['{{ .svc.__proto__ }}', '__proto__'],
  ['{{ .svc.__proto__.polluted }}', '__proto__'],
  ['{{ .svc.toString }}', 'toString'],
] as const) {
  test(`stops where ${template} would print <no value>, naming the key and the place`, (t) => {
    const files = { 'gateway.conf': template, 'settings/svc.json': '{"there":1}' }
    const problem = problemOf(() => render(t, files, settings))
    assert.match(
      problem.message,
      /^Found error while executing template: template: gateway\.conf:1:\d+: /,
    )
    assert.ok(problem.message.endsWith(`: map has no entry for key "${key}"`), problem.message)
    assert.equal(problem.place.line, 1)
  })
}

test('settings cannot reach the prototypes of the process', (t) => {
  const { text } = render(
    t,
    {
      'gateway.conf':
        '{{ $_ := set .svc "__proto__" (dict "polluted" 1) }}{{ $_ = mergeOverwrite (dict) .svc .evil }}{{ marshal .svc }}',
      'settings/svc.json': '{"a":1}',
      'settings/evil.json':
        '{"__proto__":{"polluted":2},"constructor":{"prototype":{"polluted":3}}}',
    },
    settings,
  )
  // The merge went into the map that `set` made, as in Go, and nowhere else.
  assert.match(text, /"__proto__":\{"polluted":2\}/)
  assert.equal(Reflect.get({}, 'polluted'), undefined)
})

test('templates that call themselves for ever are stopped', (t) => {
  const files = { 'gateway.conf': '{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}' }
  assert.match(problemOf(() => render(t, files)).message, /exceeded maximum template depth/)
})

test('a count that would never end is refused', (t) => {
  const problem = problemOf(() =>
    render(t, { 'gateway.conf': '{{ range 1000000000000 }}{{ end }}' }),
  )
  assert.match(problem.message, /range over 1000000000000 is too long/)
  assert.match(
    problemOf(() => render(t, { 'gateway.conf': '{{ until 1000000000 }}' })).message,
    /too long/,
  )
})

for (const template of [
  '{{ printf "%.1000000000f" 1.0 }}',
  '{{ printf "%1000000000d" 1 }}',
  '{{ $x := "aaaaaaaaaaaaaaaa" }}{{ range until 40 }}{{ $x = print $x $x }}{{ end }}',
  '{{ repeat 1000000000 "abc" }}',
  '{{ $d := dict }}{{ $_ := set $d "itself" $d }}{{ $d }}',
]) {
  test(`${template} is refused instead of filling the memory`, (t) => {
    assert.match(
      problemOf(() => render(t, { 'gateway.conf': template })).message,
      /above 1000000|too long|overflow|call stack/,
    )
  })
}
