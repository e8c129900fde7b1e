/**
 * `npm test` takes what is large or many as far as faults need to show; `npm run test:long`, which sets `LONG=true`, runs the
 * same tests as far as applications go.
 */
const isLong = process.env['LONG'] === 'true'

export const atScale = <Value>(short: Value, long: Value): Value => (isLong ? long : short)
