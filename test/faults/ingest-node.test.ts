import { describe } from 'vitest'
import { ANSWERS, CONNECTIONS } from './faults.ts'
import { node } from './hosts.ts'
import { describeFaults } from './ingest.ts'

describe('an ingest API that fails, on Node', () => describeFaults(node, [...CONNECTIONS, ...ANSWERS]))
