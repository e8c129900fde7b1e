import { describe } from 'vitest'
import { workerd } from './hosts.ts'
import { describeFaults } from './ingest.ts'

describe('an ingest API that fails, on workerd', () => describeFaults(workerd))
