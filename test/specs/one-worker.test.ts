import { implementedNamespaces } from '../../internal/features/table.ts'
import { registerSpecs } from './register.ts'

await registerSpecs({ workers: 1, implemented: implementedNamespaces, concurrency: 2 })
