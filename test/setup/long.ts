/** Before `npm run test:long`. */
export default function setup(): void {
  console.log('test:long needs nothing but minutes.')
}
