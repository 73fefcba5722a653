import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** For `test(name, { skip })`: why tests that need certificates are skipped, or `false`. */
export const noOpenssl: string | false = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return false
  } catch {
    return 'openssl is not installed: it makes the certificates of this test'
  }
})()

/** A certificate and its key, as files and as text. */
export type Certificate = {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
}

/** An authority of the test's own, in a folder of its own. */
export type Authority = Disposable & {
  readonly dir: string
  readonly ca: Certificate
  /** A certificate for these names or addresses; the same `file` twice replaces the first. */
  issue(file: string, names: readonly string[], kind?: 'ec' | 'rsa'): Certificate
}

const run = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe' })
const newKey = (kind: 'ec' | 'rsa'): string[] =>
  kind === 'ec'
    ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
    : ['-newkey', 'rsa:2048']

/** Makes an authority whose certificates nobody else trusts. */
export function authority(): Authority {
  const dir = mkdtempSync(path.join(tmpdir(), 'gateway-certificates-'))
  const at = (name: string) => path.join(dir, name)
  const read = (name: string): Certificate => ({
    certFile: at(`${name}.pem`),
    keyFile: at(`${name}.key`),
    cert: readFileSync(at(`${name}.pem`), 'utf8'),
    key: readFileSync(at(`${name}.key`), 'utf8'),
  })
  run(
    ...['req', '-x509', ...newKey('ec'), '-nodes', '-days', '2', '-subj', '/CN=test authority'],
    ...['-addext', 'basicConstraints=critical,CA:TRUE'],
    ...['-keyout', at('ca.key'), '-out', at('ca.pem')],
  )
  return {
    dir,
    ca: read('ca'),
    issue(file, names, kind = 'ec') {
      const alternatives = names.map((name) =>
        /^[\d.]+$|:/.test(name) ? `IP:${name}` : `DNS:${name}`,
      )
      writeFileSync(at(`${file}.ext`), `subjectAltName=${alternatives.join(',')}\n`)
      run(
        ...['req', ...newKey(kind), '-nodes', '-subj', `/CN=${names[0] ?? file}`],
        ...['-keyout', at(`${file}.key`), '-out', at(`${file}.csr`)],
      )
      run(
        ...['x509', '-req', '-in', at(`${file}.csr`), '-CA', at('ca.pem'), '-CAkey', at('ca.key')],
        ...[
          '-CAcreateserial',
          '-days',
          '2',
          '-extfile',
          at(`${file}.ext`),
          '-out',
          at(`${file}.pem`),
        ],
      )
      return read(file)
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  }
}
