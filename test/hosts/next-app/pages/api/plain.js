export default function plain() {
  throw new RangeError('api')
}
