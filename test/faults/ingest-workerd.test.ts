import { describe } from 'vitest'
import { atScale } from '../support/scale.ts'
import { ANSWERS, CONNECTIONS } from './faults.ts'
import { workerd } from './hosts.ts'
import { describeFaults } from './ingest.ts'

// What an answer that came whole says is read by the client, alike on every host.
const faults = [...CONNECTIONS, ...atScale([], ANSWERS)]

describe('an ingest API that fails, on workerd', () => describeFaults(workerd, faults))
