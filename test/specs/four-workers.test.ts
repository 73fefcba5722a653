import { registerSpecs } from './register.ts'

await registerSpecs({ workers: 4, concurrency: 2 })
