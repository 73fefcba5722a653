import { implementedNamespaces } from '../../internal/features/table.ts'
import { registerSpecs } from './register.ts'

await registerSpecs({ workers: 4, implemented: implementedNamespaces, concurrency: 2 })
