/** Before `npm run test:long`. */
export default function setup(): void {
  console.log('test:long needs nothing but minutes: what npm test runs at a small scale, as far as applications go.')
}
