import { encodedMappings, type SourceMapSegment, TraceMap, traceSegment } from '@jridgewell/trace-mapping'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { scanMappings } from '../../src/inbox/uploaded-maps/scan-mappings.ts'
import { runs } from '../support/fuzz.ts'

const SOURCES = ['a.ts', 'b.ts', 'c.ts']

/** One line's segments, of one, four or five numbers, in the order of their columns. */
const line = fc
  .array(
    fc.tuple(
      fc.nat(80),
      fc.constantFrom(1, 4, 5),
      fc.nat(SOURCES.length - 1),
      fc.oneof(fc.nat(50), fc.nat(2_000_000)),
      fc.nat(3000),
    ),
    { maxLength: 8 },
  )
  .map(segments =>
    segments
      .map(([column, length, source, sourceLine, sourceColumn]): SourceMapSegment => {
        if (length === 1) return [column]
        return length === 4 ? [column, source, sourceLine, sourceColumn] : [column, source, sourceLine, sourceColumn, 0]
      })
      .sort((one, other) => one[0] - other[0]),
  )

const place = fc.record({ line: fc.nat(9), column: fc.nat(90) })

it('finds what a decoder of the whole map finds', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.array(place, { minLength: 1, maxLength: 6 }), (lines, places) => {
      const map = new TraceMap({ version: 3, sources: SOURCES, names: ['n'], mappings: lines })
      const expected = places.map(({ line, column }) => {
        const segment = traceSegment(map, line, column)
        if (!segment || segment.length === 1) return undefined
        return { source: segment[1], line: segment[2], column: segment[3] }
      })
      expect(scanMappings(encodedMappings(map), places)).toEqual(expected)
    }),
    runs(500),
  )
})

it('takes the first place of a line that has a source, where there is no column', () => {
  const map = new TraceMap({
    version: 3,
    sources: SOURCES,
    names: [],
    mappings: [[], [[1], [4, 1, 7, 2], [9, 2, 8, 0]]],
  })
  expect(
    scanMappings(encodedMappings(map), [
      { line: 1, column: undefined },
      { line: 0, column: undefined },
    ]),
  ).toEqual([{ source: 1, line: 7, column: 2 }, undefined])
})

it.each(['', ';;;', ',,,,', 'A', 'AAA', 'gggggggg', 'AAAA,gggg', 'D', 'AADD', '!€'])(
  'does not fail on %j',
  mappings => {
    expect(scanMappings(mappings, [{ line: 0, column: 5 }])).toHaveLength(1)
  },
)
