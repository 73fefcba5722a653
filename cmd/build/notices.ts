import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { type ProductionPackage, productionPackages } from './production-packages.ts'

const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\.(md|txt|markdown))?$/i

/** The text of THIRD-PARTY-NOTICES.md: every package that is installed with us, and its licence in full. */
export async function thirdPartyNotices(root: string): Promise<string> {
  const { packages } = await productionPackages(root)
  const sections = await Promise.all(packages.map((one) => section(root, one)))
  return `# Third-party notices\nThe gateway is installed together with the packages below. \`make build\` writes this page from what is installed.\n\n${sections.join('\n')}`
}

async function section(
  root: string,
  { folder, name, version, license }: ProductionPackage,
): Promise<string> {
  const texts = await licenceTexts(path.join(root, folder))
  const quoted = texts.map((text) => `${fence(text)}text\n${text}\n${fence(text)}\n`)
  const body =
    quoted.length === 0 ? 'The package has no licence file of its own.\n' : quoted.join('\n')
  return `## ${name} ${version}\n${license}\n\n${body}`
}

async function licenceTexts(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => LICENCE_FILE.test(name)).sort()
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')))
  return texts.map((text) => text.replaceAll('\r\n', '\n').trim())
}

/** Longer than any fence inside `text`. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length))
  return '`'.repeat(longest + 1)
}
