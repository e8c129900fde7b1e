import { describe } from 'vitest'
import { node } from './hosts.ts'
import { describeFaults } from './ingest.ts'

describe('an ingest API that fails, on Node', () => describeFaults(node))
