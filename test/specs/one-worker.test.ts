import { registerSpecs } from './register.ts'

await registerSpecs({ workers: 1, concurrency: 2 })
